"""Lists the parameters of `__call__` of diffusers' three SDXL pipelines, and which are not compared, for what reason.

    python list_pipeline_parameters.py
"""

import inspect

from pipeline_recording import CLASSES
from stored_arrays import write_index
from tiny_pipelines import ROOT

TARGET = ROOT / "test/fixtures/pipelines/parameters.json"

LEFT_OUT = {
    "ip_adapter": "image prompts by adapters are another network",
    "cross_attention_kwargs": "settings of Python's attention classes",
    "callback": "a function of Python's",
    "prompt_embeds": "embeddings as input",
    "return_dict": "the form of Python's answer",
}


def reason(name: str) -> str | None:
    return next((why for part, why in LEFT_OUT.items() if part in name), None)


def main() -> None:
    pipelines = []
    for kind, pipeline_class in CLASSES.items():
        parameters = inspect.signature(pipeline_class.__call__).parameters.values()
        names = [each.name for each in parameters if each.name != "self" and each.kind != inspect.Parameter.VAR_KEYWORD]
        entry = {
            "pipeline": kind,
            "class": pipeline_class.__name__,
            "compared": [name for name in names if reason(name) is None],
            "leftOut": {name: reason(name) for name in names if reason(name) is not None},
        }
        pipelines.append(entry)
    write_index(TARGET, {"about": "Parameters of __call__, by test/reference/list_pipeline_parameters.py.", "pipelines": pipelines})


if __name__ == "__main__":
    main()
