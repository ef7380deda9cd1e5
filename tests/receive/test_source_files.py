"""A wrong source file is refused before any delivery is looked at, with its line."""

import shutil
from pathlib import Path

import pytest

from pipelines.errors import ConfigError
from pipelines.settings import load_deployment
from tests.receive.deliver import DEPLOYMENT, deployment

WRONG = {
    "unknown attribute": ("    sex: sex\n", "    gender: sex\n", "roles.beneficiary.gender: not an attribute of a person"),
    "column of another type": ("    name: name\n", "    name: insured_status\n", "'insured_status' is a text, not a name"),
    "no such column": ("    name: name\n", "    name: nam\n", "no column is named 'nam'"),
    "two columns of one name": ("{name: amount, type: decimal}", "{name: sex, type: decimal}", "two columns have the same name"),
    "scope outside the row key": ("full_scope: [发放年月]", "full_scope: [险种]", "row_key has to hold every column"),
    "unknown key": ("cadence_days: 31", "cadence: 31", "cadence"),
    "key is no column": ("key: [个人编号]  ", "key: [账号]  ", "key column '账号' is not among columns"),
}


@pytest.mark.parametrize(("right", "wrong", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_source_file(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    folder = tmp_path / "deployment"
    shutil.copytree(DEPLOYMENT, folder)
    path = folder / "sources" / "pension.yml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(ConfigError, match=r"RC-C03 .*pension\.yml: line \d+: ") as error:
        load_deployment(folder)
    assert message in str(error.value)


def test_the_sample_deployment_is_right() -> None:
    assert len(deployment().sources) == 9
