"""What spopt and access do in bench.siting, in the environment of siting.txt. Usage: siting.py TOWN OUTCOME TIMES.

TOWN is what bench.siting writes; OUTCOME gets the people covered and the best seconds per question and solver, and the
access per home.
"""

import sys
import time
import warnings

import numpy as np
import pandas as pd
import pulp
from access.fca import two_stage_fca
from spopt.locate import MCLP

# Both stop at a gap otherwise: exact is what is asked of everyone.
_SOLVERS = {"CBC": lambda: pulp.PULP_CBC_CMD(msg=False, gapRel=0), "HiGHS": lambda: pulp.HiGHS(msg=False, gapRel=0)}


def _cover(demand, cost, question, existing, solver):
    distance, n_sites = float(question[0]), int(question[1])
    there = np.zeros(cost.shape[1])
    there[existing] = 1
    model = MCLP.from_cost_matrix(
        cost, demand, distance, p_facilities=n_sites + len(existing), predefined_facilities_arr=there
    ).solve(solver())
    chosen = [variable.value() > 0.5 for variable in model.fac_vars]
    return demand[(cost[:, chosen] <= distance).any(axis=1)].sum()


def _access(homes, places, pairs, max_cost):
    return two_stage_fca(homes, places, pairs, max_cost=max_cost)


def _best(call, times, *arguments):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        found = call(*arguments)
        seconds.append(time.perf_counter() - start)
    return found, min(seconds)


def _frame(values, name):
    return pd.DataFrame({name: values}, index=pd.RangeIndex(len(values), name="geoid"))


def main(town, outcome, times):
    warnings.simplefilter("ignore")
    with np.load(town) as found:
        town = dict(found)
    people, seconds = [], []
    for question in town["questions"]:
        for solver in _SOLVERS.values():
            covered, best = _best(_cover, times, town["demand"], town["cost"], question, town["existing"], solver)
            people.append(covered)
            seconds.append(best)
    pairs = pd.DataFrame({"origin": town["home"], "dest": town["place"], "cost": town["minutes"]})
    homes, places = _frame(town["homes"], "demand"), _frame(town["places"], "supply")
    access, access_seconds = _best(_access, times, homes, places, pairs, float(town["max_cost"]))
    np.savez(
        outcome,
        people=np.reshape(people, (-1, len(_SOLVERS))),
        seconds=np.reshape(seconds, (-1, len(_SOLVERS))),
        solvers=list(_SOLVERS),
        access=access.reindex(homes.index).fillna(0).to_numpy(),
        access_seconds=access_seconds,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
