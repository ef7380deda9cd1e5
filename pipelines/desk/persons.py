"""Which person an id stands for tonight: ids that were merged lead to the one that they were merged into."""

from pathlib import Path

from pipelines.desk.vintages import ask
from pipelines.errors import UsageError
from pipelines.identify.explain import Record
from pipelines.night.workspace import Workspace

ENDED = "SELECT night, event, successor FROM {person_history} WHERE person_id = ? AND event <> 'created' ORDER BY night DESC, event LIMIT 1"
FIRST = "SELECT source, record_key, role FROM {person_records} WHERE person_id = ? ORDER BY source, record_key, role LIMIT 1"


def standing(workspace: Workspace, folder: Path, person_id: str) -> str:
    """The id that holds the person's records in a vintage: this one, or the one that it led to in the end.

    Raises:
        UsageError: RC-U09 the id was never given, or was retired without a successor.
    """
    seen = [person_id]
    while not ask(workspace, folder, "SELECT 1 FROM {person_records} WHERE person_id = ? LIMIT 1", [seen[-1]]):
        ended = ask(workspace, folder, ENDED, [seen[-1]])
        if not ended:
            raise UsageError("RC-U09", "that person was never known", where=person_id, todo="Look the id up in persons or person_history")
        successor = ended[0]["successor"]
        if successor is None or successor in seen:
            why = f"{ended[0]['event']} on {ended[0]['night']}"
            raise UsageError("RC-U09", "nobody has that id any more", where=person_id, why=why, todo="Give --known-on a day before")
        seen.append(successor)
    return seen[-1]


def first_record(workspace: Workspace, folder: Path, person_id: str) -> Record:
    """A record that stands for the person: the first by source and key.

    Raises:
        UsageError: RC-U09 as `standing`.
    """
    [row] = ask(workspace, folder, FIRST, [standing(workspace, folder, person_id)])
    return Record(row["source"], row["record_key"], row["role"])
