#!/usr/bin/env python3
"""What real OPA takes for what `cargo bench --bench guard -- FOLDER` wrote to FOLDER.

    opa.py POLICIES FOLDER

For each input document a process of its own loads the pack, evaluates the one query
`data.guardrails` and says how long both took and the most memory it had, the interpreter's own
taken off. Needs the Python package `opa_bindings` (tests/opa/install.sh).
"""
import json, resource, subprocess, sys, time
from pathlib import Path


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def one(policies, path):
    from opa_bindings import OpaEngine
    own = peak()
    text = path.read_text()
    document = json.loads(text)
    files = [(str(p), p.read_text()) for p in sorted(policies.rglob("*.rego"))
             if not p.name.endswith("_test.rego")]
    parsed = peak()
    begun = time.perf_counter()
    engine = OpaEngine()
    for name, rego in files:
        engine.add_policy(name, rego)
    loaded = time.perf_counter()
    found = engine.eval_document("guardrails", document)
    ended = time.perf_counter()
    findings = sum(len(values) for rule in found.values() if isinstance(rule, dict)
                   for name, values in rule.items()
                   if name.split("_")[0] in ("deny", "warn", "violation"))
    print(f"{len(document['changes']):>6} changes: load {1e3 * (loaded - begun):8.1f} ms, "
          f"evaluate {1e3 * (ended - loaded):8.1f} ms, "
          f"{(peak() - parsed) // 1024} MiB above the parsed document's, {findings} findings")


def main():
    policies, folder = Path(sys.argv[1]), Path(sys.argv[2])
    if folder.is_file():
        return one(policies, folder)
    paths = sorted(folder.glob("input-*.json"), key=lambda path: path.stat().st_size)
    if not paths:
        sys.exit(f"no input-*.json in {folder}: cargo bench --bench guard -- {folder}")
    for path in paths:
        subprocess.run([sys.executable, __file__, policies, path], check=True)


main()
