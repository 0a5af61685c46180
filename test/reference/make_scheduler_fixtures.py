"""Stores the schedules and steps of diffusers' schedulers for the combinations of options that they accept, and which
combinations they refuse.

    python make_scheduler_fixtures.py
"""

import gzip
import inspect
import itertools
import json
import warnings
from collections.abc import Iterator
from importlib.metadata import version

import diffusers
import numpy as np
import scipy.stats
import torch
from stored_arrays import numbers
from tiny_pipelines import ROOT

TARGET = ROOT / "test/fixtures/schedulers"

# What SDXL's own repository has, with keys of several classes.
HUB = {
    "_class_name": "EulerDiscreteScheduler",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "interpolation_type": "linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "sample_max_value": 1.0,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "trained_betas": None,
    "use_karras_sigmas": False,
}

PREDICTIONS = ("epsilon", "v_prediction", "sample")
SPACINGS = ("leading", "trailing", "linspace")
FINALS = ("zero", "sigma_min")
CURVES = ({}, {"use_karras_sigmas": True}, {"use_exponential_sigmas": True}, {"use_beta_sigmas": True})
BOUNDS = {"sigma_min": 0.1, "sigma_max": 10.0}
SIGMAS_LIST = [14.0, 6.25, 3.5, 1.5, 0.6, 0.2, 0.0]
SDE = {"algorithm_type": "sde-dpmsolver++"}
FLOW = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}
FLOW_SIGMAS_LIST = [0.95, 0.8, 0.6, 0.35, 0.1]
TIMESTEPS_LIST = [999, 845, 600, 310, 120, 13]

SHAPE = (1, 4, 2, 2)
STEPS = 7
MANY_STEPS = (1, 2, 30, 48)
KEPT = 2


def product(**choices) -> Iterator[dict]:
    """Every combination of values; a choice that is a tuple of dicts contributes their keys."""
    for values in itertools.product(*choices.values()):
        merged: dict = {}
        for key, value in zip(choices, values):
            merged.update(value if isinstance(value, dict) else {key: value})
        yield merged


def along(name: str, values) -> dict:
    """Choices of one key."""
    return {name: tuple({name: value} for value in values)}


COMMON = {**along("timestep_spacing", SPACINGS), **along("prediction_type", PREDICTIONS)}
ZERO_SNR = along("rescale_betas_zero_snr", (False, True))
FINAL = along("final_sigmas_type", FINALS)
SHAPES = [{"beta_schedule": shape} for shape in ("linear", "squaredcos_cap_v2", "exp")] + [
    {"trained_betas": [0.01 + 0.005 * (i % 3) for i in range(100)], "num_train_timesteps": 100}
]
TWO_CURVES = {"use_karras_sigmas": True, "use_beta_sigmas": True}


def curve_cases() -> list[dict]:
    """Curves between bounds that a configuration carries, and two curves at once."""
    return [{**curve, **BOUNDS} for curve in CURVES] + [TWO_CURVES]


def euler() -> Iterator[dict]:
    yield from product(curve=CURVES, **COMMON, **ZERO_SNR, **FINAL)
    yield from product(curve=CURVES, **along("interpolation_type", ("log_linear", "cubic")))
    yield from product(curve=CURVES, **along("timestep_type", ("continuous",)), **along("prediction_type", PREDICTIONS))
    yield {"prediction_type": "original_sample"}


def euler_ancestral() -> Iterator[dict]:
    yield from product(**COMMON, **ZERO_SNR)


def ddim() -> Iterator[dict]:
    yield from product(**COMMON, **ZERO_SNR, **along("set_alpha_to_one", (False, True)), eta=({"eta": 0.0}, {"eta": 0.7}))
    yield from product(**along("clip_sample", (True,)), **along("clip_sample_range", (1.0, 2.5)), **along("prediction_type", PREDICTIONS))


def pndm() -> Iterator[dict]:
    yield from product(**COMMON, **along("skip_prk_steps", (False, True)), **along("set_alpha_to_one", (False, True)))


def heun() -> Iterator[dict]:
    yield from product(curve=CURVES, **COMMON, **along("clip_sample", (False, True)))


def lms() -> Iterator[dict]:
    yield from product(curve=CURVES, **COMMON)


def unipc() -> Iterator[dict]:
    yield from product(curve=CURVES, **COMMON, **ZERO_SNR, **FINAL)
    yield from product(
        **along("solver_order", (1, 2, 3)),
        **along("solver_type", ("bh1", "bh2")),
        **along("predict_x0", (True, False)),
        **along("lower_order_final", (True, False)),
        **along("prediction_type", PREDICTIONS),
        **FINAL,
    )
    yield from product(**along("solver_type", ("midpoint", "heun", "logrho", "other")))
    yield {"disable_corrector": [0, 2]}
    yield {"solver_order": 4}
    yield from product(flow=(FLOW,), **along("flow_shift", (1.0, 3.0)), **FINAL)
    yield {**FLOW, "use_karras_sigmas": True}
    yield {**FLOW, "shift_terminal": 0.02}
    yield {"shift_terminal": 0.02}
    yield {"use_dynamic_shifting": True}
    yield {"prediction_type": "flow_prediction", "predict_x0": False, "final_sigmas_type": "sigma_min"}


def dpm_multistep() -> Iterator[dict]:
    curves = (*CURVES, {"use_lu_lambdas": True})
    yield from product(curve=curves, **COMMON, **ZERO_SNR, **FINAL)
    yield from product(sampler=tuple({**SDE, "solver_order": order} for order in (2, 3)), curve=CURVES, **COMMON, **ZERO_SNR)
    yield from product(
        **along("algorithm_type", ("dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++")),
        **along("solver_order", (1, 2, 3)),
        **along("solver_type", ("midpoint", "heun")),
        **along("prediction_type", PREDICTIONS),
        **FINAL,
    )
    yield from product(
        **along("solver_order", (2, 3)), **along("lower_order_final", (True, False)), **along("euler_at_final", (True, False)), **FINAL
    )
    yield from product(curve=curves, **along("beta_schedule", ("squaredcos_cap_v2",)), **along("lambda_min_clipped", (float("-inf"), -5.1)))
    yield from product(**along("lambda_min_clipped", (-1.0,)), **along("timestep_spacing", SPACINGS))
    yield from product(**along("solver_type", ("bh1", "bh2", "logrho", "other")))
    yield from product(**along("algorithm_type", ("deis", "other")), **FINAL)
    yield from product(flow=(FLOW,), **along("flow_shift", (1.0, 3.0)))
    yield {"prediction_type": "flow_prediction", "algorithm_type": "dpmsolver", "final_sigmas_type": "sigma_min"}


def dpm_singlestep() -> Iterator[dict]:
    yield from product(curve=CURVES, **along("prediction_type", PREDICTIONS), **FINAL)
    yield from product(sampler=({**SDE, "solver_order": 2},), curve=CURVES, **along("prediction_type", PREDICTIONS), **FINAL)
    yield from product(
        **along("algorithm_type", ("dpmsolver", "dpmsolver++", "sde-dpmsolver++")),
        **along("solver_order", (1, 2, 3)),
        **along("solver_type", ("midpoint", "heun")),
        **along("lower_order_final", (True, False)),
        **along("prediction_type", PREDICTIONS),
        **FINAL,
    )
    yield from product(**along("solver_order", (1, 2, 3)), **along("lower_order_final", (True, False)), **FINAL, steps=({"steps": 6}, {"steps": 8}))
    yield {"lambda_min_clipped": -1.0}
    yield {"solver_order": 4}
    yield from product(**along("algorithm_type", ("deis", "sde-dpmsolver")), **FINAL)
    yield {**FLOW, "flow_shift": 3.0}


def lcm() -> Iterator[dict]:
    yield from product(**along("prediction_type", PREDICTIONS), **ZERO_SNR, **along("clip_sample", (False, True)), **along("set_alpha_to_one", (False, True)))
    yield {"timestep_scaling": 1.0}
    yield from product(**COMMON, **ZERO_SNR)
    yield from product(**along("original_inference_steps", (4, 100, 1001)))


def tcd() -> Iterator[dict]:
    yield from product(**along("prediction_type", PREDICTIONS), **ZERO_SNR, eta=tuple({"eta": eta} for eta in (0.0, 0.3, 1.0)))
    yield from product(**COMMON, **ZERO_SNR)
    yield from product(**along("original_inference_steps", (4, 100, 1001)))


def edm_euler() -> Iterator[dict]:
    yield from product(**along("sigma_schedule", ("karras", "exponential", "other")), **along("prediction_type", PREDICTIONS), **FINAL)
    yield {"sigma_min": 0.01, "sigma_max": 20.0, "sigma_data": 1.0, "rho": 5.0}


CLASSES = {
    "EulerDiscreteScheduler": euler,
    "EulerAncestralDiscreteScheduler": euler_ancestral,
    "DDIMScheduler": ddim,
    "PNDMScheduler": pndm,
    "HeunDiscreteScheduler": heun,
    "LMSDiscreteScheduler": lms,
    "UniPCMultistepScheduler": unipc,
    "DPMSolverMultistepScheduler": dpm_multistep,
    "DPMSolverSinglestepScheduler": dpm_singlestep,
    "LCMScheduler": lcm,
    "TCDScheduler": tcd,
    "EDMEulerScheduler": edm_euler,
}

GENERATOR = torch.Generator("cpu").manual_seed(7)
START = torch.randn(SHAPE, generator=GENERATOR)
ORIGINAL = torch.randn(SHAPE, generator=GENERATOR)
OUTPUTS = torch.randn(STEPS, *SHAPE, generator=GENERATOR)


def cases(make) -> Iterator[dict]:
    for changes in make():
        settings = {key: changes.pop(key) for key in ("eta", "steps") if key in changes}
        yield {"config": changes, "steps": STEPS, **settings}
    for changes in SHAPES:
        yield {"config": changes, "steps": STEPS}
    for changes in curve_cases():
        yield {"config": changes, "steps": STEPS}
    for begin in (2, 4):
        for changes in ({}, {"algorithm_type": "sde-dpmsolver++"}, {"solver_order": 3, "skip_prk_steps": False}):
            yield {"config": changes, "steps": STEPS, "begin": begin}
    for changes in (*CURVES, FLOW):
        yield {"config": changes, "steps": STEPS, "givenSigmas": FLOW_SIGMAS_LIST if changes == FLOW else SIGMAS_LIST}
        yield {"config": changes, "steps": STEPS, "givenTimesteps": TIMESTEPS_LIST}
    for changes in product(**along("prediction_type", PREDICTIONS), **ZERO_SNR):
        yield {"config": changes, "steps": STEPS, "givenSigmas": SIGMAS_LIST}
        yield {"config": changes, "steps": STEPS, "givenTimesteps": TIMESTEPS_LIST}
    yield {"config": {"timestep_type": "continuous", "prediction_type": "v_prediction"}, "steps": STEPS, "givenTimesteps": TIMESTEPS_LIST}
    for changes in product(curve=CURVES, **along("timestep_spacing", SPACINGS)):
        for steps in MANY_STEPS:
            yield {"config": changes, "steps": steps, "planOnly": True}


def plan(scheduler, case: dict) -> None:
    if "givenSigmas" in case:
        # UniPC computes with the list as with an array; the others take a list.
        is_unipc = isinstance(scheduler, diffusers.UniPCMultistepScheduler)
        scheduler.set_timesteps(sigmas=np.array(case["givenSigmas"]) if is_unipc else case["givenSigmas"])
    elif "givenTimesteps" in case:
        scheduler.set_timesteps(timesteps=case["givenTimesteps"])
    else:
        scheduler.set_timesteps(case["steps"])


def walk(scheduler, case: dict) -> list:
    """First values of the sample: at the begin, then after each call."""
    begin = case.get("begin", 0) * scheduler.order
    generator = torch.Generator("cpu").manual_seed(5)
    # Told where to begin, diffusers does not search for the timestep, which fails where the first two are equal.
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    if begin:
        sample = scheduler.add_noise(ORIGINAL, START, scheduler.timesteps[begin : begin + 1])
    else:
        sample = START * scheduler.init_noise_sigma
    names = scheduler.step.__code__.co_varnames[: scheduler.step.__code__.co_argcount]
    extra = {"generator": generator} if "generator" in names else {}
    if "eta" in names:
        extra["eta"] = case.get("eta", 0.0)
    samples = [sample]
    for index, timestep in enumerate(scheduler.timesteps[begin:]):
        scaled = scheduler.scale_model_input(sample, timestep)
        output = 0.5 * scaled + OUTPUTS[index % STEPS]
        sample = scheduler.step(output, timestep, sample, **extra).prev_sample
        samples.append(sample)
    return samples


def outcome(name: str, case: dict) -> dict:
    scheduler = getattr(diffusers, name).from_config({**HUB, **case["config"]})
    plan(scheduler, case)
    result: dict = {"timesteps": numbers(scheduler.timesteps)}
    if hasattr(scheduler, "sigmas"):
        result["sigmas"] = numbers(scheduler.sigmas)
    result["initNoiseSigma"] = float(scheduler.init_noise_sigma)
    if not case.get("planOnly"):
        samples = walk(scheduler, case)
        if not all(torch.isfinite(sample).all() for sample in samples):
            return {"infinite": True}
        result["samples"] = [numbers(sample.ravel()[:KEPT]) for sample in samples]
    return result


def entries() -> Iterator[dict]:
    for name, make in CLASSES.items():
        seen = set()
        for case in cases(make):
            key = json.dumps(case, sort_keys=True)
            if key in seen:
                continue
            seen.add(key)
            try:
                result = outcome(name, case)
            except Exception as error:
                result = {"refused": f"{type(error).__name__}: {error}".split("\n")[0][:80]}
            yield {"class": name, **case, **result}


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    diffusers.utils.logging.set_verbosity_error()
    probabilities = [i / 50 for i in range(51)] + [1e-6, 1e-3, 1 - 1e-3, 1 - 1e-6]
    stored = {
        "about": (
            "Schedulers of diffusers by from_config of SDXL's hub configuration (hub) with config's changes. A walk begins at "
            "start * initNoiseSigma, or at add_noise(original, start) where begin is above 0; the model's output at call k is "
            "0.5 * scaled input + outputs[k mod 7]; noise is of a torch generator seeded 5. samples holds the first values of "
            "the sample, at the begin and after each call. refused: what diffusers raised; infinite: it computed infinities."
        ),
        "versions": {name: version(name) for name in ("diffusers", "numpy", "scipy", "torch")},
        "hub": HUB,
        "accepts": {name: list(inspect.signature(getattr(diffusers, name).__init__).parameters)[1:] for name in CLASSES},
        "start": numbers(START),
        "original": numbers(ORIGINAL),
        "outputs": [numbers(output) for output in OUTPUTS],
        "betaQuantiles": [[p, float(scipy.stats.beta.ppf(p, 0.6, 0.6))] for p in probabilities],
        "entries": list(entries()),
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    text = json.dumps(stored, separators=(",", ":")).replace("-Infinity", "-1e999")
    (TARGET / "schedulers.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    counts = {kind: sum(kind in entry for entry in stored["entries"]) for kind in ("samples", "planOnly", "refused", "infinite")}
    print(len(stored["entries"]), "entries:", counts)


if __name__ == "__main__":
    main()
