"""networkx or igraph under the same rules as the bench, and names merged with datasketch.

`networkx FOLDER WALKS SAMPLES` and `igraph FOLDER WALKS SAMPLES` build a graph in memory and draw from it;
`datasketch FOLDER NAMES` merges names. Each prints one line of JSON.
"""

import json
import os
import random
import resource
import sys
import time

MOST_RELATIONS = 40
TRIES = 100
MOST_TRIED = 1_000
NODES, BRANCHES, REACH = 12, (1, 3), 4


def memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def triples(folder):
    import numpy

    return numpy.fromfile(os.path.join(folder, "relations.bin"), dtype="<u4").reshape(-1, 3)


def names(folder, most):
    with open(os.path.join(folder, "names.txt"), encoding="utf-8") as lines:
        return [line.rstrip("\n") for _, line in zip(range(most), lines)]


class Networkx:
    def __init__(self, folder):
        import networkx

        rows = triples(folder)
        self.graph = networkx.MultiDiGraph()
        self.graph.add_nodes_from((number, {"name": name}) for number, name in enumerate(names(folder, sys.maxsize)))
        self.graph.add_edges_from((int(row[0]), int(row[2]), {"kind": int(row[1])}) for row in rows)
        self.count = self.graph.number_of_nodes()

    def degree(self, node):
        return self.graph.degree(node)

    def outgoing(self, node):
        return [to for to, edges in self.graph.succ[node].items() for _ in edges]

    def incoming(self, node):
        return [to for to, edges in self.graph.pred[node].items() for _ in edges]

    def related(self, left, right):
        return self.graph.has_edge(left, right) or self.graph.has_edge(right, left)

    def between(self, nodes):
        return self.graph.subgraph(nodes).number_of_edges()


class Igraph:
    def __init__(self, folder):
        import igraph

        rows = triples(folder)
        listed = names(folder, sys.maxsize)
        self.graph = igraph.Graph(n=len(listed), edges=rows[:, [0, 2]], directed=True)
        self.graph.vs["name"] = listed
        self.graph.es["kind"] = rows[:, 1].tolist()
        self.count = self.graph.vcount()

    def degree(self, node):
        return self.graph.degree(node)

    def outgoing(self, node):
        return self.graph.successors(node)

    def incoming(self, node):
        return self.graph.predecessors(node)

    def related(self, left, right):
        return self.graph.are_adjacent(left, right) or self.graph.are_adjacent(right, left)

    def between(self, nodes):
        return self.graph.induced_subgraph(nodes).ecount()


def ways(graph, node, both):
    found = graph.outgoing(node) + (graph.incoming(node) if both else [])
    found = [to for to in found if to != node and graph.degree(to) <= MOST_RELATIONS]
    random.shuffle(found)
    return found


def start(graph):
    for _ in range(TRIES):
        node = random.randrange(graph.count)
        if graph.degree(node) <= MOST_RELATIONS and graph.outgoing(node):
            return node
    return None


def walk(graph, node):
    length = random.choices([1, 2, 3, 4], [10, 40, 40, 10])[0]
    nodes, left, tried = [node], [ways(graph, node, False)], 0
    while len(nodes) <= length:
        if not left:
            return 0
        if not left[-1]:
            left.pop()
            nodes.pop()
            continue
        if tried == MOST_TRIED:
            return 0
        tried += 1
        to = left[-1].pop()
        if to not in nodes and not any(graph.related(before, to) for before in nodes[:-1]):
            nodes.append(to)
            left.append(ways(graph, to, False) if len(nodes) <= length else [])
    return len(nodes) - 1


def sample(graph, around):
    nodes, steps, at = [around], [0], 0
    while at < len(nodes) and steps[at] < REACH:
        branches = random.randint(*BRANCHES)
        for to in ways(graph, nodes[at], True):
            if branches == 0 or len(nodes) == NODES:
                break
            if to in nodes or (steps[at] >= 1 and graph.related(around, to)):
                continue
            branches -= 1
            nodes.append(to)
            steps.append(steps[at] + 1)
        at += 1
    graph.between(nodes)
    return len(nodes)


def timed(graph, times, draw):
    begun, total = time.perf_counter(), 0
    for _ in range(times):
        node = start(graph)
        total += 0 if node is None else draw(graph, node)
    return time.perf_counter() - begun, total


def drawn(engine, folder, walks, samples):
    random.seed(1)
    begun = time.perf_counter()
    graph = engine(folder)
    built = time.perf_counter() - begun
    build_mb = memory_mb()
    walk_seconds, steps = timed(graph, walks, walk)
    sample_seconds, entities = timed(graph, samples, sample)
    return {
        "seconds": built,
        "peak_mb": build_mb,
        "walk_seconds": walk_seconds,
        "steps": steps,
        "sample_seconds": sample_seconds,
        "entities": entities,
    }


def grams(name):
    name = f" {name.casefold().removeprefix('the ')} "
    return {name[at : at + 3] for at in range(len(name) - 2)}


def merged(folder, most):
    """Names whose three-letter pieces are the same to 85 %: 128 permutations, 32 bands of 4, as ours."""
    from datasketch import MinHash, MinHashLSH

    listed = names(folder, most)
    begun = time.perf_counter()
    pieces = [grams(name) for name in listed]
    index, count = MinHashLSH(num_perm=128, params=(32, 4)), 0
    hashed = MinHash.generator([[gram.encode() for gram in one] for one in pieces], num_perm=128)
    for number, hashes in enumerate(hashed):
        near = index.query(hashes)
        if any(len(pieces[number] & pieces[other]) >= 0.85 * len(pieces[number] | pieces[other]) for other in near):
            count += 1
        index.insert(number, hashes)
    return {"seconds": time.perf_counter() - begun, "merged": count, "peak_mb": memory_mb()}


if __name__ == "__main__":
    engine, folder, *numbers = sys.argv[1:]
    numbers = [int(number) for number in numbers]
    if engine == "datasketch":
        print(json.dumps(merged(folder, *numbers)))
    else:
        print(json.dumps(drawn({"networkx": Networkx, "igraph": Igraph}[engine], folder, *numbers)))
