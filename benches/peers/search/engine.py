"""bm25s or SQLite's FTS5, under the same commands as the bench: --build FOLDER, --ask FOLDER THREADS KIND."""

import json
import os
import re
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor

LIMIT = 10


def rows(folder):
    with open(os.path.join(folder, "corpus.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def words(text):
    return re.findall(r"\w+", text.lower())


def memory(name):
    with open("/proc/self/status", encoding="utf-8") as lines:
        return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith(name + ":")), 0)


def size(path):
    if os.path.isdir(path):
        return sum(size(os.path.join(path, name)) for name in os.listdir(path))
    return os.path.getsize(path)


class Bm25s:
    """BM25 in memory; k1 and b as ours, and Lucene's formula, which is ours too. Gives addresses alone."""

    def path(self, folder):
        return os.path.join(folder, "bm25s")

    def build(self, folder):
        import bm25s

        urls, tokens = [], []
        for row in rows(folder):
            urls.append(row["url"])
            tokens.append(words(row["title"] + " " + row["text"]))
        engine = bm25s.BM25(k1=0.9, b=0.4, method="lucene")
        engine.index(tokens, show_progress=False)
        engine.save(self.path(folder), corpus=urls)

    def open(self, folder, threads):
        import bm25s

        self.engine = bm25s.BM25.load(self.path(folder), load_corpus=True)
        self.engine.activate_numba_scorer()

    def ask(self, query, limit=LIMIT):
        found = self.engine.retrieve([words(query)], k=limit, show_progress=False)
        return [(document["text"], float(score)) for document, score in zip(found.documents[0], found.scores[0])]

    def ask_all(self, queries, threads):
        asked = [words(query) for query in queries]
        self.engine.retrieve(asked, k=LIMIT, show_progress=False, n_threads=threads)


class Fts5:
    """SQLite's full-text index; its k1 = 1.2 and b = 0.75 cannot be set. Gives addresses and titles."""

    def path(self, folder):
        return os.path.join(folder, "fts5.sqlite")

    def build(self, folder):
        database = sqlite3.connect(self.path(folder))
        database.execute("CREATE VIRTUAL TABLE document USING fts5(url UNINDEXED, title, text)")
        database.executemany("INSERT INTO document VALUES (:url, :title, :text)", rows(folder))
        database.commit()
        database.execute("INSERT INTO document(document) VALUES ('optimize')")
        database.commit()
        database.close()

    def open(self, folder, threads):
        self.folder = folder
        self.database = sqlite3.connect(self.path(folder))

    def ask(self, query, limit=LIMIT, database=None):
        either = " OR ".join(f'"{word}"' for word in words(query))
        select = "SELECT url, title, rank FROM document WHERE document MATCH ? ORDER BY rank LIMIT ?"
        return [(url, -rank) for url, _, rank in (database or self.database).execute(select, (either, limit))]

    def ask_all(self, queries, threads):
        # SQLite lets go of Python's lock while it works, so threads run side by side.
        def part(place):
            database = sqlite3.connect(self.path(self.folder))
            for query in queries[place::threads]:
                self.ask(query, database=database)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(part, range(threads)))


def build(engine, folder):
    start = time.perf_counter()
    engine.build(folder)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "index_mb": size(engine.path(folder)) / 1e6, "peak_mb": memory("VmHWM")}


def reciprocal_rank(found, url):
    """As the bench has it: nought behind the tenth; documents with the same score share their ranks."""
    own = dict(found).get(url)
    if own is None:
        return 0
    better = sum(score > own * (1 + 1e-5) for _, score in found)
    same = sum(abs(score - own) <= own * 1e-5 for _, score in found)
    return sum(1 / rank for rank in range(better + 1, better + same + 1) if rank <= 10) / same


def ask(engine, folder, threads, kind):
    engine.open(folder, threads)
    with open(os.path.join(folder, "queries.jsonl"), encoding="utf-8") as lines:
        queries = [json.loads(line) for line in lines]
    for query in queries[:20]:
        engine.ask(query[kind])
    times, ranks = [], []
    for query in queries:
        start = time.perf_counter()
        engine.ask(query[kind])
        times.append((time.perf_counter() - start) * 1e3)
        ranks.append(reciprocal_rank(engine.ask(query[kind], 100), query["url"]))
    texts = [query[kind] for query in queries]
    engine.ask_all(texts[:20], threads)
    start = time.perf_counter()
    engine.ask_all(texts, threads)
    seconds = time.perf_counter() - start
    times.sort()
    return {
        "queries_per_second": len(queries) / seconds,
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[len(times) * 99 // 100],
        "mrr": sum(ranks) / len(ranks),
        "memory_mb": memory("VmRSS"),
        "own_mb": memory("RssAnon"),
    }


def main(name, command, folder, *rest):
    engine = {"bm25s": Bm25s, "fts5": Fts5}[name]()
    done = build(engine, folder) if command == "--build" else ask(engine, folder, int(rest[0]), rest[1])
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
