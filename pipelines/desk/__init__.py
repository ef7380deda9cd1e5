"""What people ask and do between the nights, one file a question. Used by the command line; reads vintages, never a step's work."""

from pipelines.desk.casework import Casework
from pipelines.desk.challenger import challenge_engine
from pipelines.desk.clerical import Draw, sample_pairs
from pipelines.desk.demo import demonstrate, simulate_world
from pipelines.desk.doctor import doctor
from pipelines.desk.estimates import estimate_from
from pipelines.desk.explain import explain
from pipelines.desk.known import as_known
from pipelines.desk.paths import Way, explain_pair, person_chart, terminal_lines
from pipelines.desk.quality import compare_models, evaluate
from pipelines.desk.rebuild import rebuild
from pipelines.desk.reports import Period, evidence_pack, export_persons, period_report
from pipelines.desk.run_report import index_lines, run_record, run_report
from pipelines.desk.setup import init_deployment, validate_config
from pipelines.desk.status import night_rows, quarantine, report_files, status
from pipelines.desk.thresholds import threshold_chart, unlinkable
from pipelines.desk.training import EM_BLOCKS, KEEP, Training, train_model
from pipelines.desk.unmasked import Look
from pipelines.desk.vintages import prune, vintage_path, vintages

__all__ = [
    "EM_BLOCKS",
    "KEEP",
    "Casework",
    "Draw",
    "Look",
    "Period",
    "Training",
    "Way",
    "as_known",
    "challenge_engine",
    "compare_models",
    "demonstrate",
    "doctor",
    "estimate_from",
    "evaluate",
    "evidence_pack",
    "explain",
    "explain_pair",
    "export_persons",
    "index_lines",
    "init_deployment",
    "night_rows",
    "period_report",
    "person_chart",
    "prune",
    "quarantine",
    "rebuild",
    "report_files",
    "run_record",
    "run_report",
    "sample_pairs",
    "simulate_world",
    "status",
    "terminal_lines",
    "threshold_chart",
    "train_model",
    "unlinkable",
    "validate_config",
    "vintage_path",
    "vintages",
]
