-- The tables of a store. Whatever comes from outside is bytea, because text in Postgres cannot hold every text; `@` is
-- the schema.

CREATE TABLE @store (version bigint NOT NULL);

CREATE TABLE @run (id bytea PRIMARY KEY, manifest bytea NOT NULL);

-- Long texts, each once, under the blake3 hash of the text.
CREATE TABLE @blob (hash bytea PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE @blob ALTER body SET STORAGE EXTERNAL;

CREATE TABLE @attempt (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id bytea NOT NULL,
    run bytea,
    question bytea NOT NULL,
    model bytea,
    -- When the first message was written, in milliseconds since 1970 less 2^63, which is how all of u64 fits.
    begun bigint,
    -- The kind of its end; none while it is open.
    stop bytea,
    beginning bytea NOT NULL,
    ending bytea
);
CREATE UNIQUE INDEX attempt_id ON @attempt (id) INCLUDE (stop);
CREATE INDEX ON @attempt (run, id);
CREATE INDEX ON @attempt (question, id);
CREATE INDEX ON @attempt (model, id);
CREATE INDEX ON @attempt (stop, id);
CREATE INDEX ON @attempt (begun);

-- Messages, without the texts that are blobs.
CREATE TABLE @node (
    attempt bigint NOT NULL REFERENCES @attempt (key) ON DELETE CASCADE,
    place bigint NOT NULL,
    body bytea NOT NULL,
    content bytea,
    reasoning bytea,
    PRIMARY KEY (attempt, place)
);

-- Grades, in the order in which their graders first gave one.
CREATE TABLE @grade (
    attempt bigint NOT NULL REFERENCES @attempt (key) ON DELETE CASCADE,
    place bigint NOT NULL,
    grader bytea NOT NULL,
    outcome bytea NOT NULL,
    value double precision,
    body bytea NOT NULL,
    PRIMARY KEY (attempt, place)
);
CREATE INDEX ON @grade (grader, outcome, value);

-- The questions of a run in the order in which they were planned, and how many attempts at each.
CREATE TABLE @question (
    run bytea NOT NULL,
    id bytea NOT NULL,
    place bigint NOT NULL,
    attempts bigint NOT NULL,
    PRIMARY KEY (run, id)
);

-- The attempts that are planned, and who holds them until when. What has ended may not be marked yet.
CREATE TABLE @work (
    run bytea NOT NULL,
    attempt bigint NOT NULL,
    place bigint NOT NULL,
    id bytea NOT NULL UNIQUE,
    question bytea NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    worker bytea,
    until timestamptz NOT NULL DEFAULT '-infinity',
    ended boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run, attempt, place)
);
CREATE INDEX work_open ON @work (run, attempt, place) WHERE NOT ended;
CREATE INDEX ON @work (run, id);
