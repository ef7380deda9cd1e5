"""Bytes to text: strict decoding, and a message that says what a wrong file probably is."""

import pytest

from pipelines.errors import DeliveryError
from pipelines.locales import load_pack

TEXT = load_pack("zh_CN").text
PAGE = "姓名,性别,户籍地址\n李雪梅,女,云州省云中市江北区幸福路\n王喆,男,云州省南屏市湖滨区\n"


@pytest.mark.parametrize("declared", ["GB2312", "gbk", "cp936", "GB18030"])
def test_gb_files_are_gb18030(declared: str) -> None:
    text = "䶮 头头€\n" + PAGE
    assert TEXT.decode(text.encode("gb18030"), declared) == text


def test_a_byte_order_mark_is_no_text() -> None:
    assert TEXT.decode(PAGE.encode("utf-8-sig"), "utf-8") == PAGE


def test_private_use() -> None:
    data = (PAGE + "\ue81e\ue123").encode("gb18030")
    assert TEXT.decode(data, "gb18030")[-2:] == "\u9fb4\ue123"
    assert TEXT.decode(data, "gb18030", {"U+E123": "䶮"})[-1] == "䶮"


def test_the_message_says_what_a_file_probably_is() -> None:
    with pytest.raises(DeliveryError, match=r"RC-L10.*probably gb18030"):
        TEXT.decode(PAGE.encode("gb18030"), "utf-8")
    with pytest.raises(DeliveryError, match="RC-L11"):
        TEXT.decode(b"", "gb99")


BROKEN_BEFORE = [
    ("UTF-8 as GBK", PAGE.encode("utf-8").decode("gb18030", "replace"), "gb18030"),
    ("UTF-8 as Latin-1", PAGE.encode("utf-8").decode("latin-1"), "latin-1"),
    ("GBK as Latin-1", PAGE.encode("gbk").decode("latin-1"), "latin-1"),
    ("characters lost", PAGE.encode("gbk").decode("utf-8", "replace"), "U+FFFD"),
    ("lost and read as GBK", "姓名锟斤拷锟斤拷性别", "锟斤拷"),
]


@pytest.mark.parametrize(("text", "said"), [case[1:] for case in BROKEN_BEFORE], ids=[case[0] for case in BROKEN_BEFORE])
def test_text_that_was_broken_before_is_refused(text: str, said: str) -> None:
    assert TEXT.detect(text.encode()).mojibake
    with pytest.raises(DeliveryError, match="RC-L12") as caught:
        TEXT.decode(text.encode(), "utf-8")
    assert said in str(caught.value)


DETECTED = [
    (PAGE.encode(), "utf-8"),
    (PAGE.encode("utf-8-sig"), "utf-8-sig"),
    (PAGE.encode("gbk"), "gb18030"),
    (PAGE.encode("utf-16"), "utf-16"),
    (PAGE.encode("utf-16-le"), "utf-16-le"),
    (PAGE.encode("big5", "ignore"), "big5"),
    (b"a,b\n1,2\n", "ascii"),
]


@pytest.mark.parametrize(("data", "encoding"), DETECTED, ids=[encoding for _, encoding in DETECTED])
def test_detection(data: bytes, encoding: str) -> None:
    found = TEXT.detect(data)
    assert found.encoding == encoding
    assert not found.mojibake


def test_a_few_lost_characters_in_a_long_text_are_a_matter_of_their_rows() -> None:
    text = PAGE * 100 + "王\ufffd\n"
    assert TEXT.decode(text.encode(), "utf-8") == text
