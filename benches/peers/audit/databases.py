"""DuckDB and PostgreSQL at their best at the coverage question.

Coverage is the union of intervals, cut to the obligation. Both databases work it out as sets: join the
obligations with the recordings of their officers, cut, and add up what each piece adds beyond the latest end
before it (a running maximum over the pieces by start).
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

HOUR_US = 3_600_000_000

# What both share: from pieces (id, s, e) to covered microseconds. Obligations without any are left out.
UNION = """
SELECT id, sum(greatest(0, e - greatest(s, coalesce(before, s)))) AS covered_us
FROM (SELECT id, s, e, max(e) OVER (PARTITION BY id ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM pieces) AS p
GROUP BY id
"""

# The join by time alone: on the officer, then by comparison.
BY_TIME = """
WITH pieces AS (
    SELECT o.id, greatest(r.start_us, o.start_us) AS s, least(r.end_us, o.end_us) AS e
    FROM asked o JOIN recording r ON r.badge = o.badge AND r.start_us < o.end_us AND r.end_us > o.start_us)
"""

# The join on officer and bucket of time: what lies in several buckets is there several times, which
# a union does not mind.
BY_BUCKET = """
WITH pieces AS (
    SELECT o.id, greatest(r.start_us, o.start_us) AS s, least(r.end_us, o.end_us) AS e
    FROM asked_bucket o JOIN recording_bucket r USING (badge, bucket)
    WHERE r.start_us < o.end_us AND r.end_us > o.start_us)
"""


def buckets(table, columns, width, series):
    """A statement that gives every row of `table` once for each bucket it lies in."""
    return f"SELECT {columns}, bucket FROM {table}, {series(f'start_us / {width}', f'(end_us - 1) / {width}')}"


class DuckDb:
    name = "DuckDB"
    widths = [2, 6]  # hours

    def __init__(self, folder, threads):
        import duckdb

        self.version = duckdb.__version__
        self.connection = duckdb.connect(config={"threads": threads})
        columns = {"badge": "INTEGER", "start_us": "BIGINT", "end_us": "BIGINT", "id": "INTEGER"}
        for table, file in [("recording", "recordings"), ("obligation", "obligations"), ("officer", "officers")]:
            path = folder / f"{file}.csv"
            names = path.open().readline().strip().split(",")
            types = ", ".join(f"'{name}': '{columns[name]}'" for name in names)
            self.connection.execute(f"CREATE TABLE {table} AS FROM read_csv('{path}', header = true, columns = {{{types}}})")
        self.connection.execute(
            "CREATE TABLE asked AS SELECT id, badge, start_us, end_us FROM obligation JOIN officer USING (id)"
        )

    def series(self, low, high):
        low, high = low.replace(" / ", " // "), high.replace(" / ", " // ")
        return f"LATERAL (SELECT unnest(range({low}, {high} + 1)) AS bucket)"

    def resident(self):
        """Named ways to answer with everything prepared."""
        ways = {"by time": BY_TIME + UNION}
        for hours in self.widths:
            for table in ["recording", "asked"]:
                name, columns = f"{table}_bucket_{hours}", "badge, start_us, end_us" + (", id" if table == "asked" else "")
                statement = buckets(table, columns, hours * HOUR_US, self.series)
                self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {statement} ORDER BY badge, bucket")
            sql = re.sub(r"\b(asked|recording)_bucket\b", rf"\1_bucket_{hours}", BY_BUCKET)
            ways[f"buckets of {hours} h beside the officer in the join's key"] = sql + UNION
        return ways

    def raw(self):
        """Named ways to answer from the bare tables: what is prepared above is a part of the statement."""
        asked = "asked AS (SELECT id, badge, start_us, end_us FROM obligation JOIN officer USING (id))"
        ways = {"by time": BY_TIME.replace("WITH ", f"WITH {asked}, ", 1) + UNION}
        for hours in self.widths:
            width = hours * HOUR_US
            more = (
                f"{asked}, asked_bucket AS ({buckets('asked', 'badge, start_us, end_us, id', width, self.series)}), "
                f"recording_bucket AS ({buckets('recording', 'badge, start_us, end_us', width, self.series)}), "
            )
            ways[f"buckets of {hours} h beside the officer in the join's key"] = (
                BY_BUCKET.replace("WITH ", f"WITH {more}", 1) + UNION
            )
        return ways

    def seconds(self, sql):
        """How long the answer takes, kept as a table of the engine's."""
        began = time.perf_counter()
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {sql}")
        return time.perf_counter() - began

    def answer(self, sql):
        return dict(self.connection.execute(sql).fetchall())

    def close(self):
        self.connection.close()


class PostgreSql:
    name = "PostgreSQL"

    def __init__(self, folder, threads):
        self.bin = self.find()
        self.home = Path(tempfile.mkdtemp(prefix="reelproof-pg-"))
        self.folder = folder
        self.running = False
        # The server refuses to run as root; then it runs as the user that Debian's package made.
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.home, "postgres", "postgres")
        self.server("initdb", "-D", self.home / "data", "--auth=trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.home,
            "shared_buffers": "2GB",
            "work_mem": "1GB",
            "maintenance_work_mem": "1GB",
            "hash_mem_multiplier": 2,
            "effective_cache_size": "8GB",
            "max_parallel_workers": threads,
            # The session's own process works, too.
            "max_parallel_workers_per_gather": max(threads - 1, 0),
            "parallel_setup_cost": 0,
            "min_parallel_table_scan_size": 0,
            "min_parallel_index_scan_size": 0,
            "random_page_cost": 1.1,
            "fsync": "off",
            "max_wal_size": "8GB",
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self.server("pg_ctl", "-D", self.home / "data", "-l", self.home / "log", "-o", options, "-w", "start")
        self.running = True
        self.version = re.search(r"[\d.]+", self.ask("SHOW server_version")).group(0)
        self.load()

    @staticmethod
    def find():
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
        if found := shutil.which("initdb"):
            folders.append(Path(found).parent)
        if not folders:
            raise FileNotFoundError("PostgreSQL's server is not there: apt-get install postgresql")
        return folders[0]

    def server(self, program, *args):
        done = subprocess.run(
            [*self.user, self.bin / program, *map(str, args)],
            cwd=self.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
        ) if program != "pg_ctl" else subprocess.run(
            # The server keeps its parent's pipes open for as long as it runs.
            [*self.user, self.bin / program, *map(str, args)], cwd=self.home, stdout=subprocess.DEVNULL, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout or (self.home / 'log')}")

    def psql(self, text):
        argv = [self.bin / "psql", "-h", self.home, "-U", "postgres", "-d", "postgres", "-XqAt", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(argv, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"psql failed:\n{done.stderr}")
        return done.stdout

    def ask(self, sql):
        return self.psql(f"{sql};\n")

    def load(self):
        create = """
            CREATE UNLOGGED TABLE recording (badge int NOT NULL, start_us bigint NOT NULL, end_us bigint NOT NULL);
            CREATE UNLOGGED TABLE obligation (id int NOT NULL, start_us bigint NOT NULL, end_us bigint NOT NULL);
            CREATE UNLOGGED TABLE officer (id int NOT NULL, badge int NOT NULL);
        """
        copies = "".join(
            f"\\copy {table} FROM '{self.folder / file}.csv' CSV HEADER\n"
            for table, file in [("recording", "recordings"), ("obligation", "obligations"), ("officer", "officers")]
        )
        self.psql(create + "\n" + copies)
        self.psql(
            """
            CREATE UNLOGGED TABLE asked AS SELECT id, badge, start_us, end_us FROM obligation JOIN officer USING (id)
                ORDER BY badge, start_us;
            CREATE UNLOGGED TABLE sorted AS SELECT * FROM recording ORDER BY badge, start_us;
            ALTER TABLE recording RENAME TO unsorted;
            ALTER TABLE sorted RENAME TO recording;
            CREATE INDEX ON recording (badge, start_us) INCLUDE (end_us);
            """
        )
        for hours in [2, 6]:
            for table, more in [("recording", ""), ("asked", ", id")]:
                statement = buckets(table, f"badge, start_us, end_us{more}", hours * HOUR_US, self.series)
                self.psql(f"CREATE UNLOGGED TABLE {table}_bucket_{hours} AS {statement} ORDER BY badge, bucket;")
        self.psql("VACUUM ANALYZE;")

    def series(self, low, high):
        return f"generate_series({low}, {high}) AS bucket"

    def resident(self):
        longest = int(self.ask("SELECT max(end_us - start_us) FROM recording"))
        # No recording that reaches into an obligation starts earlier than the longest is long.
        bounded = BY_TIME.replace("AND r.end_us", f"AND r.start_us > o.start_us - {longest} AND r.end_us")
        ways = {"a join on officer and start, by an index": bounded + UNION}
        for hours in [2, 6]:
            sql = re.sub(r"\b(asked|recording)_bucket\b", rf"\1_bucket_{hours}", BY_BUCKET)
            ways[f"a hash join on officer and buckets of {hours} h"] = sql + UNION
        return ways

    def seconds(self, sql):
        # The answers stay in the server; each is read, and one row comes out.
        said = self.psql(
            f"\\timing on\nSET jit = off;\nSELECT count(*), sum(covered_us) FROM ({sql}) AS answer;\n"
        )
        return float(re.findall(r"Time: ([\d.]+) ms", said)[-1]) / 1000

    def answer(self, sql):
        lines = self.psql(f"SET jit = off;\n{sql};\n").split()
        return {int(id): int(covered) for id, covered in (line.split("|") for line in lines)}

    def close(self):
        if self.running:
            self.server("pg_ctl", "-D", self.home / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)
