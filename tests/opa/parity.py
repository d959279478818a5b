#!/usr/bin/env python3
"""Every rule of the pack under real OPA and under muster: the same findings on the same documents.

    parity.py MUSTER POLICIES EXAMPLES [PLANS]

The documents are those of every example (`muster policy input`) and of PLANS generated plans, each
as it is and with one field missing, null and empty. Ends with 1 where one finding differs, or where
nothing was compared. Needs the Python package `opa_bindings` (tests/opa/install.sh).
"""
import copy, json, os, random, subprocess, sys, tempfile, shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from opa_bindings import OpaEngine, OpaError

MUSTER, POLICIES, EXAMPLES = (Path(arg).resolve() for arg in sys.argv[1:4])
PLANS = int(sys.argv[4]) if len(sys.argv) > 4 else 200
FILES = {str(p.relative_to(POLICIES)): p.read_text() for p in sorted(POLICIES.rglob("*.rego"))
         if not p.name.endswith("_test.rego")}
RULES = sorted({name.split("/")[0] for name in FILES} - {"lib"})


def muster(document):
    """What the worker process of muster finds, driven as muster drives it."""
    header = {key: value for key, value in document.items() if key != "changes"}
    # Under their own names: the pack is asked in one evaluation, and that is what is compared.
    files = [{"path": f"built-in/{name}", "text": text} for name, text in FILES.items()]
    room = {"memory": 1 << 30, "seconds": 60, "clock": 60}
    hello, begin = {"version": 3, "room": room}, {"room": room, "header": header}
    job = {"policies": {"folders": [], "files": files}, "settings": {}}
    lines = [hello, job, begin, {"changes": document.get("changes", [])}, "end"]
    said = subprocess.run([MUSTER, "policy-worker"], text=True, capture_output=True,
                          input="".join(json.dumps(line) + "\n" for line in lines))
    found, done = set(), False
    for line in said.stdout.splitlines():
        answer = json.loads(line)
        if "findings" in answer:
            found |= {(f["rule"], f["level"], f["message"], tuple(f["addresses"]))
                      for f in answer["findings"]}
        elif "done" in answer:
            done = True
        else:
            return {("error", json.dumps(answer)[:300])}
    return found if done else {("error", (said.stdout + said.stderr)[-300:])}


def opa(engine, document):
    found = set()
    for rule in RULES:
        package = engine.eval_document(f"guardrails.{rule.replace('-', '_')}", document)
        for name, values in package.items():
            word = name.split("_")[0]
            if word in ("deny", "violation", "warn") and isinstance(values, list):
                level = "warn" if word == "warn" else "deny"
                for value in values:
                    found.add((rule, level, value["msg"], tuple(value.get("addresses", []))))
    return found


def paths(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,)
            yield from paths(inner, path + (key,))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from paths(inner, path + (at,))


def damaged(document, rng):
    """The document with one field missing, one null, one empty."""
    spots = [path for path in paths(document) if path != ("changes",)]
    for how in ("missing", "null", "empty"):
        path = rng.choice(spots)
        broken = copy.deepcopy(document)
        holder = broken
        for key in path[:-1]:
            holder = holder[key]
        old = holder[path[-1]]
        if how == "missing":
            del holder[path[-1]]
        elif how == "null":
            holder[path[-1]] = None
        else:
            holder[path[-1]] = type(old)() if old is not None else ""
        yield f"{how} {'.'.join(map(str, path))}", broken


def examples():
    for project in sorted(EXAMPLES.rglob("muster.yaml")):
        # The stories of guardrails are many, and alike but for what they are about.
        of_rules = "guardrails" in project.parts
        for point in ("check", "plan") if of_rules else ("check", "plan", "live", "end"):
            with tempfile.TemporaryDirectory() as place:
                copied = Path(place) / "story"
                shutil.copytree(project.parent, copied, ignore=shutil.ignore_patterns(".muster"))
                said = subprocess.run([MUSTER, "-C", copied, "policy", "input", "--point", point],
                                      text=True, capture_output=True, env={})
            if said.returncode == 0:
                yield f"{project.parent.relative_to(EXAMPLES)} {point}", json.loads(said.stdout)


def generated(seeds):
    """Plans put together at random from the things of all examples."""
    for seed in range(PLANS):
        rng = random.Random(seed)
        one, other = copy.deepcopy(rng.choice(seeds)), rng.choice(seeds)
        for key in ("users", "groups", "bindings", "domains", "breakGlass"):
            for name, value in rng.sample(sorted(other[key].items()), min(3, len(other[key]))):
                one[key][name] = copy.deepcopy(value)
        one["changes"] += copy.deepcopy(rng.sample(other["changes"], min(4, len(other["changes"]))))
        one["access"]["gained"] += copy.deepcopy(other["access"]["gained"][:3])
        one["actor"] = rng.choice(sorted(one["users"]) or [""])
        one["run"] = rng.choice(["local", "pullRequest", "scheduled"])
        for thing in list(one["users"].values()) + list(one["bindings"].values()):
            for key, value in thing.items():
                if isinstance(value, bool) and rng.random() < 0.1:
                    thing[key] = not value
                if key.endswith("Ns") and rng.random() < 0.2:
                    thing[key] = one["nowNs"] + rng.randint(-400, 400) * 86_400_000_000_000
        yield f"plan {seed}", one


def main():
    whole = list(examples())
    small = [document for name, document in whole if name.endswith(" plan")
             and len(document["users"]) < 40]
    documents = whole + list(generated(small))
    cases = []
    for at, (name, document) in enumerate(documents):
        cases.append((name, document))
        cases += [(f"{name}, {how}", broken) for how, broken in damaged(document, random.Random(at))]
    engine = OpaEngine()
    for name, text in FILES.items():
        engine.add_policy(name, text)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ours = list(pool.map(muster, [document for _, document in cases]))
    wrong = findings = 0
    for (name, document), mine in zip(cases, ours):
        try:
            theirs = opa(engine, document)
        except OpaError as error:
            theirs = {("error", str(error))}
        findings += len(theirs)
        if mine != theirs:
            wrong += 1
            if wrong <= 20:
                print(f"DIFFERS on {name}\n  only muster: {sorted(mine - theirs)[:3]}"
                      f"\n  only OPA: {sorted(theirs - mine)[:3]}")
    print(f"{len(RULES)} rules, {len(cases)} documents, {findings} findings under OPA, {wrong} differ")
    sys.exit(1 if wrong or not findings else 0)


main()
