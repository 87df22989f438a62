-- Every table has a key, values, and a seal over them: the first eight bytes of their blake3 hash. No column has a
-- type, so that each value is stored as it was given.

CREATE TABLE run (key INTEGER PRIMARY KEY, id, manifest, seal);
CREATE UNIQUE INDEX run_by_id ON run (id);

CREATE TABLE question (key INTEGER PRIMARY KEY, id, mark, rest, body, seal);
CREATE INDEX question_by_id ON question (id);
CREATE INDEX question_by_mark ON question (mark);

-- `mark` and `rest` are the first eight and the other bytes of the blake3 hash of the text.
CREATE TABLE text (key INTEGER PRIMARY KEY, mark, rest, packed, seal);
CREATE INDEX text_by_mark ON text (mark);

-- `begun` is the time of the first message with its highest bit turned, so that signed numbers sort as unsigned ones.
CREATE TABLE attempt (
    key INTEGER PRIMARY KEY, id, run, question, number, model, header, begun, stop, "end", nodes, grades, revision, seal
);
CREATE UNIQUE INDEX attempt_by_id ON attempt (id);
CREATE INDEX attempt_by_run ON attempt (run, id);
CREATE INDEX attempt_by_question ON attempt (question);
CREATE INDEX attempt_by_model ON attempt (model, id);
CREATE INDEX attempt_by_stop ON attempt (stop, id);
CREATE INDEX attempt_by_begun ON attempt (begun);

-- The key is that of the attempt in the upper, and the place in the lower 32 bits.
CREATE TABLE node (key INTEGER PRIMARY KEY, content, reasoning, tokens, body, seal);

CREATE TABLE grade (key INTEGER PRIMARY KEY, attempt, grader, outcome, value, body, revision, seal);
CREATE UNIQUE INDEX grade_by_attempt ON grade (attempt, grader);
CREATE INDEX grade_by_grader ON grade (grader, outcome, value);

CREATE TABLE planned (key INTEGER PRIMARY KEY, run, question, place, attempts, seal);
CREATE UNIQUE INDEX planned_by_question ON planned (run, question);
CREATE INDEX planned_by_place ON planned (run, place);

CREATE TABLE work (
    key INTEGER PRIMARY KEY, run, place, number, question, id, fence, worker, process, until, begun, ended, seal
);
CREATE INDEX work_by_id ON work (id);
CREATE INDEX work_by_state ON work (run, begun, ended);
CREATE INDEX work_free ON work (run, number, place) WHERE worker IS NULL AND ended = 0;
CREATE INDEX work_held ON work (run, process, until) WHERE worker IS NOT NULL AND ended = 0;
