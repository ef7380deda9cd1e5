"""English names of the 18th to 20th century: short forms, and the titles that are no part of a name.

General knowledge of the language, written down before looking at any truth; a country pack does this for its own names.
"""

from __future__ import annotations

import re

SHORT_FORMS = """
william:will,willie,willy,bill,billy,wm,liam
john:jack,johnny,jon,jock,johnnie,jno,ian,sean,jean
thomas:tom,tommy,tommie,thos
james:jim,jimmy,jamie,jas,jimmie
george:georgie,geordie,geo
henry:harry,hal,hank
charles:charlie,charley,chas,chuck
edward:ed,eddie,ted,teddy,ned,eddy
robert:bob,bobby,rob,robbie,bert,robby,robt
arthur:art,artie
alfred:alf,alfie,fred
frederick:fred,freddie,freddy,frederic,fredk
joseph:joe,joey,jos
francis:frank,frankie,fran
walter:wally,walt,wat
richard:dick,rick,ricky,rich,ritchie,richie,dickie
alexander:alex,sandy,alec,alick
herbert:herb,herbie,bert,bertie
samuel:sam,sammy,saml
david:dave,davie,davy
ernest:ernie
hugh:hughie,hugo,huey
jacob:jake
albert:bert,bertie,al
andrew:andy
peter:pete
archibald:archie
matthew:matt,mat,mathew
edmund:ed,ned,edmond,ted
benjamin:ben,benny,benj
reginald:reg,reggie
lewis:louis,lew,lou
philip:phil,phillip
leonard:len,lenny,leo
nicholas:nick,nicolas,nicky
edwin:ed,eddie,ted
michael:mike,mick,mickey
stephen:steve,steven,stevie
daniel:dan,danny
joshua:josh
gerald:gerry,jerry,gerard
christopher:chris,kit
theodore:ted,teddy,theo
percival:percy
maurice:mo,morris
timothy:tim
anthony:tony,antony
patrick:pat,paddy
lawrence:larry,laurence,laurie
raymond:ray
ronald:ron,ronnie
stanley:stan
bernard:bernie
isaac:ike
gilbert:gil,bert
martin:martyn
allan:alan,allen,al
geoffrey:geoff,jeffrey,jeff
donald:don
kenneth:ken
norman:norm
harold:harry,hal
victor:vic
clarence:clarrie
augustus:gus,augustine
horace:horatio
rowland:roland
sidney:sydney,sid,syd
elizabeth:eliza,betty,betsy,liz,lizzie,bess,bessie,elsie,beth,libby,lisa
mary:may,molly,polly,marie,maria,minnie
georgina:georgia,georgie,georgiana
joan:joanna,jo,joanie
anne:ann,anna,annie,nancy,hannah
alice:alicia,ally
margaret:maggie,peggy,meg,madge,greta,daisy,peg
emily:em,emmy,emma
maria:mary,marie
frances:fanny,fran,fannie
sarah:sara,sally,sadie
jane:jenny,janet,jean,jessie
helen:ellen,nell,nellie,eleanor,nelly,ella
henrietta:hetty,etta,harriet,hattie
ethel:eth
harriet:hattie,harriett
edith:edie,edit
caroline:carrie,carolyn
julia:julie
charlotte:lottie
florence:flo,florrie,flora
katherine:kate,kathy,katie,catherine,kitty,kathleen,katharine
lucy:lucie
sophia:sophie
agnes:nessie,aggie
isabella:isabel,bella,belle
gertrude:gertie,trudy
louisa:louise,lou
martha:patty,mattie
rachel:rae
susan:sue,susie,susanna,susannah
adelaide:addie,ada
dorothy:dolly,dot
rose:rosie,rosa,rosalie
theresa:teresa,tess
christina:chris,tina
jessie:jess,jessica
laura:laurie
maud:maude,matilda,tilly
"""
"""A name, and after the colon what people of that name are also called."""

TITLES_TEXT = """
10th 11th 12th 13th 14th 15th 16th 17th 18th 1st 2nd 3rd 4th 5th 6th 7th 8th 9th admiral archbishop baron baroness baronet
bishop brigadier bt capt captain col colonel commander count countess dame de dr du duchess duke earl esq frs fsa gen general
hon honorable honourable ii iii iv jr junior kc kcb la lady le lieutenant lieutenant-general lord lt maj maj-gen major
major-general marquess marquis miss mp mr mrs ms of prof professor qc rear-admiral rev reverend right rt saint senior sir sr
st the van very vice-admiral viscount viscountess von
"""
TITLES = frozenset(TITLES_TEXT.split())

_NOT_A_WORD = re.compile(r"[^\w\s]")


def full_forms() -> dict[str, str]:
    """Short form -> name; where a short form has several names, the first in the list."""
    forms: dict[str, str] = {}
    for line in SHORT_FORMS.split():
        name, shorts = line.split(":")
        forms.setdefault(name, name)
        for short in shorts.split(","):
            forms.setdefault(short, name)
    return forms


def clean(name: str | None, forms: dict[str, str]) -> tuple[str | None, str | None, str | None, str | None]:
    """A name without titles and with full forms: all words, the given name, the family name, the words in order of the alphabet."""
    if name is None:
        return None, None, None, None
    words = _NOT_A_WORD.sub(" ", name).split()
    kept = [word for word in words if word not in TITLES] or words
    if not kept:
        return None, None, None, None
    full = [forms.get(word, word) for word in kept]
    return " ".join(full), full[0] if len(full) > 1 else None, kept[-1], " ".join(sorted(set(full)))
