"""What people ask and do between the nights, one file a question. Used by the command line; reads vintages, never a step's work."""

from pipelines.desk.casework import Casework
from pipelines.desk.demo import demonstrate, simulate_world
from pipelines.desk.doctor import doctor
from pipelines.desk.explain import explain
from pipelines.desk.quality import evaluate
from pipelines.desk.rebuild import rebuild
from pipelines.desk.reports import Period, evidence_pack, export_persons, period_report
from pipelines.desk.setup import init_deployment, validate_config
from pipelines.desk.status import night_rows, quarantine, report_files, status
from pipelines.desk.vintages import vintage_path, vintages

__all__ = [
    "Casework",
    "Period",
    "demonstrate",
    "doctor",
    "evaluate",
    "evidence_pack",
    "explain",
    "export_persons",
    "init_deployment",
    "night_rows",
    "period_report",
    "quarantine",
    "rebuild",
    "report_files",
    "simulate_world",
    "status",
    "validate_config",
    "vintage_path",
    "vintages",
]
