-- A lab of schema 3, as the trialbed wrote it that had this schema: 'sqlite3 trialbed.db .dump' and the two numbers of its header.
PRAGMA application_id = 1413637476; PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE experiment (
    -- One expanded, stored matrix: what `run` made of a scenario at one time on one host.
    experiment_id INTEGER PRIMARY KEY,              -- its number in this lab
    uuid TEXT NOT NULL UNIQUE CHECK (uuid <> ''),   -- its name in every lab
    name TEXT NOT NULL CHECK (name <> ''),          -- the scenario's name
    description TEXT,                               -- the scenario's description
    scenario_path TEXT NOT NULL,                    -- where the scenario was read from
    scenario_text TEXT NOT NULL,                    -- the scenario, byte for byte
    settings TEXT NOT NULL CHECK (settings GLOB '{*}'), -- JSON object: what the command line changed
    seed INTEGER NOT NULL,                          -- seed of the order; one of 2^63 or more is stored less 2^64
    run_order TEXT NOT NULL,                        -- sequential, interleaved, blocks or shuffled
    repetitions INTEGER NOT NULL CHECK (repetitions >= 0), -- counted repetitions of each cell
    warmup INTEGER NOT NULL CHECK (warmup >= 0),    -- warm-up repetitions of each cell
    retries INTEGER NOT NULL CHECK (retries >= 0),  -- how often a failed run is tried again
    created_ns INTEGER NOT NULL                     -- when it was planned: nanoseconds since 1970 (UTC)
) STRICT;
INSERT INTO experiment VALUES(1,'52d52659-fe77-4af1-b581-99d0fb46f835','old','what a lab of an older trialbed holds','s.yaml',replace('name: old\012description: what a lab of an older trialbed holds\012machines: [{name: a, image: tiny}]\012bridges: [{name: br0}]\012matrix: {factors: {delay: [0ms, 10ms], kernel: [old, new]}}\012repetitions: 2\012warmup: 1\012seed: 7\012order: interleaved\012retries: 1\012steps:\012  - {name: say, on: a, run: "echo rtt=${delay}\necho rtt=3\necho extra=1", measure: [{metric: rtt, unit: ms, regex: ''rtt=([0-9.]+)'', direction: lower}, {metric: extra, regex: ''extra=([0-9]+)'', aggregate: max}]}\012  - {name: last, on: a, run: "echo ${kernel}"}\012report:\012  - {figure: errorbars, metric: rtt, x: delay, by: kernel}\012  - {figure: cdf, metric: rtt}\012published: [{metric: rtt, where: {delay: 10ms}, mean: 10.2, stddev: 0.3, n: 20, source: "a paper"}]\012','\012',char(10)),'{"backend":"fake","uri":null,"only":[],"repetitions":0}',7,'interleaved',2,1,1,1795647505223617592);
INSERT INTO experiment VALUES(2,'c1ac26cd-1400-4566-8a3b-4444183013a3','failing',NULL,'f.yaml',replace('name: failing\nmachines: [{name: a, image: tiny}]\nmatrix: {factors: {x: [1, 2]}}\nsteps:\n  - {name: say, on: a, run: "fail ${x}"}\n','\n',char(10)),'{"backend":"fake","uri":null,"only":[],"repetitions":0}',3560048455,'blocks',1,0,0,1795647525591901017);
CREATE TABLE environment (
    -- What an experiment ran on: host, kernel, CPU, versions, digests of the images.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    key TEXT NOT NULL,                              -- what it is, as `host.kernel`
    value TEXT NOT NULL,                            -- what was found
    PRIMARY KEY (experiment_id, key)
) STRICT, WITHOUT ROWID;
INSERT INTO environment VALUES(1,'command','trialbed run --machines fake old.yaml');
INSERT INTO environment VALUES(1,'cpu.model','a CPU');
INSERT INTO environment VALUES(1,'host.kernel','6.1.0');
INSERT INTO environment VALUES(1,'sysctl.vm.swappiness','60');
INSERT INTO environment VALUES(1,'version.qemu','QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)');
INSERT INTO environment VALUES(1,'version.trialbed','0.1');
INSERT INTO environment VALUES(2,'command','trialbed run --machines fake old.yaml');
INSERT INTO environment VALUES(2,'cpu.model','a CPU');
INSERT INTO environment VALUES(2,'host.kernel','6.1.0');
INSERT INTO environment VALUES(2,'sysctl.vm.swappiness','60');
INSERT INTO environment VALUES(2,'version.qemu','QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)');
INSERT INTO environment VALUES(2,'version.trialbed','0.1');
CREATE TABLE factor (
    -- A varied parameter of an experiment.
    factor_id INTEGER PRIMARY KEY,                  -- number of the factor
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    UNIQUE (experiment_id, name),
    UNIQUE (experiment_id, position)
) STRICT;
INSERT INTO factor VALUES(1,1,0,'delay');
INSERT INTO factor VALUES(2,1,1,'kernel');
INSERT INTO factor VALUES(3,2,0,'x');
CREATE TABLE level (
    -- One value of a factor.
    level_id INTEGER PRIMARY KEY,                   -- number of the level
    factor_id INTEGER NOT NULL REFERENCES factor,   -- the factor
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    text TEXT NOT NULL,                             -- as typed: `10ms`
    number REAL,                                    -- as typed, without its unit: 10; NULL: it is no quantity
    unit TEXT,                                      -- as typed: `ms`; empty: a bare number; NULL: it is no quantity
    base REAL,                                      -- in the base unit (s, bytes, bit/s, per cent): 0.01
    UNIQUE (factor_id, position),
    UNIQUE (factor_id, text),
    UNIQUE (level_id, factor_id),
    CHECK ((number IS NULL) = (base IS NULL) AND (number IS NULL) = (unit IS NULL))
) STRICT;
INSERT INTO level VALUES(1,1,0,'0ms',0.0,'ms',0.0);
INSERT INTO level VALUES(2,1,1,'10ms',10.0,'ms',0.010000000000000000208);
INSERT INTO level VALUES(3,2,0,'old',NULL,NULL,NULL);
INSERT INTO level VALUES(4,2,1,'new',NULL,NULL,NULL);
INSERT INTO level VALUES(5,3,0,'1',1.0,'',1.0);
INSERT INTO level VALUES(6,3,1,'2',2.0,'',2.0);
CREATE TABLE cell (
    -- One combination of levels.
    cell_id INTEGER PRIMARY KEY,                    -- number of the cell
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the design, from 0
    label TEXT NOT NULL CHECK (label <> ''),        -- for people: `delay=10ms size=64`
    UNIQUE (experiment_id, position),
    UNIQUE (experiment_id, label),
    UNIQUE (cell_id, experiment_id)
) STRICT;
INSERT INTO cell VALUES(1,1,0,'delay=0ms kernel=old');
INSERT INTO cell VALUES(2,1,1,'delay=0ms kernel=new');
INSERT INTO cell VALUES(3,1,2,'delay=10ms kernel=old');
INSERT INTO cell VALUES(4,1,3,'delay=10ms kernel=new');
INSERT INTO cell VALUES(5,2,0,'x=1');
INSERT INTO cell VALUES(6,2,1,'x=2');
CREATE TABLE cell_level (
    -- Which level of each factor a cell has.
    cell_id INTEGER NOT NULL REFERENCES cell,       -- the cell
    factor_id INTEGER NOT NULL,                     -- the factor
    level_id INTEGER NOT NULL,                      -- its level in this cell
    PRIMARY KEY (cell_id, factor_id),
    FOREIGN KEY (level_id, factor_id) REFERENCES level (level_id, factor_id)
) STRICT, WITHOUT ROWID;
INSERT INTO cell_level VALUES(1,1,1);
INSERT INTO cell_level VALUES(1,2,3);
INSERT INTO cell_level VALUES(2,1,1);
INSERT INTO cell_level VALUES(2,2,4);
INSERT INTO cell_level VALUES(3,1,2);
INSERT INTO cell_level VALUES(3,2,3);
INSERT INTO cell_level VALUES(4,1,2);
INSERT INTO cell_level VALUES(4,2,4);
INSERT INTO cell_level VALUES(5,3,5);
INSERT INTO cell_level VALUES(6,3,6);
CREATE TABLE run (
    -- One execution of one repetition of one cell.
    run_id INTEGER PRIMARY KEY,                     -- its number in this lab; follows the planned order
    experiment_id INTEGER NOT NULL,                 -- the experiment
    cell_id INTEGER NOT NULL,                       -- the cell
    position INTEGER NOT NULL CHECK (position >= 1), -- planned order within the experiment, from 1
    executed INTEGER CHECK (executed >= 1),         -- order in which first attempts began, from 1; NULL: not begun
    repetition INTEGER NOT NULL CHECK (repetition >= 1), -- from 1 within its cell; warm-ups count for themselves
    block INTEGER NOT NULL CHECK (block >= 0),      -- block of a blocked order, from 1; 0 for warm-ups
    warmup INTEGER NOT NULL CHECK (warmup IN (0, 1)), -- 1: run and kept, but not counted
    status TEXT NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'running', 'completed', 'failed', 'tainted')),
        -- planned, running, completed, failed or tainted (completed, but not to be counted)
    UNIQUE (experiment_id, position),
    UNIQUE (cell_id, warmup, repetition),
    FOREIGN KEY (cell_id, experiment_id) REFERENCES cell (cell_id, experiment_id)
) STRICT;
INSERT INTO run VALUES(1,1,1,1,1,1,0,1,'completed');
INSERT INTO run VALUES(2,1,2,2,2,1,0,1,'completed');
INSERT INTO run VALUES(3,1,3,3,3,1,0,1,'completed');
INSERT INTO run VALUES(4,1,4,4,4,1,0,1,'completed');
INSERT INTO run VALUES(5,1,1,5,5,1,1,0,'completed');
INSERT INTO run VALUES(6,1,2,6,6,1,1,0,'completed');
INSERT INTO run VALUES(7,1,3,7,7,1,1,0,'completed');
INSERT INTO run VALUES(8,1,4,8,8,1,1,0,'completed');
INSERT INTO run VALUES(9,1,1,9,9,2,2,0,'completed');
INSERT INTO run VALUES(10,1,2,10,10,2,2,0,'completed');
INSERT INTO run VALUES(11,1,3,11,11,2,2,0,'completed');
INSERT INTO run VALUES(12,1,4,12,12,2,2,0,'completed');
INSERT INTO run VALUES(13,2,5,1,1,1,1,0,'failed');
INSERT INTO run VALUES(14,2,6,2,2,1,1,0,'failed');
CREATE TABLE attempt (
    -- One try at a run. Only a completed attempt gives values; what a failed one left is kept as well.
    run_id INTEGER NOT NULL REFERENCES run,         -- the run
    attempt INTEGER NOT NULL CHECK (attempt >= 1),  -- from 1 within the run
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed')), -- running: has no end yet
    class TEXT CHECK (class IN ('scenario', 'provision', 'boot', 'step', 'timeout', 'collect', 'host')),
        -- kind of failure: scenario, provision, boot, step, timeout, collect or host
    phase TEXT,                                     -- phase in which it failed
    reason TEXT,                                    -- first line of the error
    started_ns INTEGER NOT NULL,                    -- its beginning: nanoseconds since 1970 (UTC)
    duration_ns INTEGER CHECK (duration_ns >= 0),   -- how long it took; NULL: not known
    platform TEXT,                                  -- vm or bare
    accelerator TEXT,                               -- kvm or tcg
    emulator TEXT,                                  -- program and version that emulated
    backend TEXT,                                   -- what drove the machines
    concurrent INTEGER CHECK (concurrent >= 1),     -- runs side by side at its beginning, itself included
    PRIMARY KEY (run_id, attempt),
    CHECK (status = 'failed' OR (class IS NULL AND reason IS NULL)),
    CHECK (status <> 'failed' OR class IS NOT NULL)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt VALUES(1,1,'completed',NULL,NULL,NULL,1795647505261878735,498170048,'vm','fake','none 0','fake',1);
INSERT INTO attempt VALUES(2,1,'completed',NULL,NULL,NULL,1795647505309942972,367897797,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(3,1,'completed',NULL,NULL,NULL,1795647505733832577,464127113,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(4,1,'completed',NULL,NULL,NULL,1795647505800126949,463439607,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(5,1,'completed',NULL,NULL,NULL,1795647506228984406,486342634,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(6,1,'completed',NULL,NULL,NULL,1795647506312101538,352316627,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(7,1,'completed',NULL,NULL,NULL,1795647506688173603,371660288,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(8,1,'completed',NULL,NULL,NULL,1795647506778317843,314405730,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(9,1,'completed',NULL,NULL,NULL,1795647507077292630,369152270,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(10,1,'completed',NULL,NULL,NULL,1795647507146701172,384371632,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(11,1,'completed',NULL,NULL,NULL,1795647507494024698,471873318,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(12,1,'completed',NULL,NULL,NULL,1795647507586520408,455942554,'vm','fake','none 0','fake',2);
INSERT INTO attempt VALUES(13,1,'failed','step','step:say','step ''say'': ended with status 1 on machine ''a''',1795647525650448593,272094589,'vm','fake','none 0','fake',1);
INSERT INTO attempt VALUES(14,1,'failed','step','step:say','step ''say'': ended with status 2 on machine ''a''',1795647525726162190,259778597,'vm','fake','none 0','fake',2);
CREATE TABLE phase (
    -- A timed stage of an attempt.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- prepare, network, define, boot, ready, step:NAME ...
    machine TEXT,                                   -- the machine; NULL: all
    start_ns INTEGER NOT NULL,                      -- from the attempt's beginning, monotonic clock
    duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), -- how long it took
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO phase VALUES(1,1,0,'prepare',NULL,7406230,5388492);
INSERT INTO phase VALUES(1,1,1,'network',NULL,13084464,1468401);
INSERT INTO phase VALUES(1,1,2,'define',NULL,14703361,12715171);
INSERT INTO phase VALUES(1,1,3,'boot',NULL,31173720,1557901);
INSERT INTO phase VALUES(1,1,4,'ready',NULL,32757140,5691);
INSERT INTO phase VALUES(1,1,5,'step:say',NULL,32787719,22668962);
INSERT INTO phase VALUES(1,1,6,'step:last',NULL,55469866,11615240);
INSERT INTO phase VALUES(1,1,7,'collect',NULL,67225994,260);
INSERT INTO phase VALUES(1,1,8,'teardown',NULL,67237215,879542);
INSERT INTO phase VALUES(2,1,0,'prepare',NULL,25410484,33422675);
INSERT INTO phase VALUES(2,1,1,'network',NULL,58936435,17968958);
INSERT INTO phase VALUES(2,1,2,'define',NULL,76958534,919858);
INSERT INTO phase VALUES(2,1,3,'boot',NULL,78616726,1255677);
INSERT INTO phase VALUES(2,1,4,'ready',NULL,79897891,4348);
INSERT INTO phase VALUES(2,1,5,'step:say',NULL,79922658,17910127);
INSERT INTO phase VALUES(2,1,6,'step:last',NULL,97844747,4236233);
INSERT INTO phase VALUES(2,1,7,'collect',NULL,102111759,481);
INSERT INTO phase VALUES(2,1,8,'teardown',NULL,102187413,756779);
INSERT INTO phase VALUES(3,1,0,'prepare',NULL,4864278,21450997);
INSERT INTO phase VALUES(3,1,1,'network',NULL,26576391,795472);
INSERT INTO phase VALUES(3,1,2,'define',NULL,27567716,3365177);
INSERT INTO phase VALUES(3,1,3,'boot',NULL,31043372,763622);
INSERT INTO phase VALUES(3,1,4,'ready',NULL,31967689,5020);
INSERT INTO phase VALUES(3,1,5,'step:say',NULL,32054655,2483050);
INSERT INTO phase VALUES(3,1,6,'step:last',NULL,34676879,1479012);
INSERT INTO phase VALUES(3,1,7,'collect',NULL,36303231,251);
INSERT INTO phase VALUES(3,1,8,'teardown',NULL,36379797,552510);
INSERT INTO phase VALUES(4,1,0,'prepare',NULL,524767,12557682);
INSERT INTO phase VALUES(4,1,1,'network',NULL,13320682,12680144);
INSERT INTO phase VALUES(4,1,2,'define',NULL,26072292,5024722);
INSERT INTO phase VALUES(4,1,3,'boot',NULL,31321871,3382891);
INSERT INTO phase VALUES(4,1,4,'ready',NULL,34908789,8768);
INSERT INTO phase VALUES(4,1,5,'step:say',NULL,35041321,8000640);
INSERT INTO phase VALUES(4,1,6,'step:last',NULL,43090653,4816706);
INSERT INTO phase VALUES(4,1,7,'collect',NULL,48044440,531);
INSERT INTO phase VALUES(4,1,8,'teardown',NULL,48090407,661007);
INSERT INTO phase VALUES(5,1,0,'prepare',NULL,4839630,8593565);
INSERT INTO phase VALUES(5,1,1,'network',NULL,13484713,10970906);
INSERT INTO phase VALUES(5,1,2,'define',NULL,24501967,4409522);
INSERT INTO phase VALUES(5,1,3,'boot',NULL,29182765,5850752);
INSERT INTO phase VALUES(5,1,4,'ready',NULL,35114170,5831);
INSERT INTO phase VALUES(5,1,5,'step:say',NULL,35145259,4496698);
INSERT INTO phase VALUES(5,1,6,'step:last',NULL,39692804,5874928);
INSERT INTO phase VALUES(5,1,7,'collect',NULL,45773914,541);
INSERT INTO phase VALUES(5,1,8,'teardown',NULL,45824660,10839165);
INSERT INTO phase VALUES(6,1,0,'prepare',NULL,2297367,2070817);
INSERT INTO phase VALUES(6,1,1,'network',NULL,4648356,1526141);
INSERT INTO phase VALUES(6,1,2,'define',NULL,6588945,4469748);
INSERT INTO phase VALUES(6,1,3,'boot',NULL,11188709,1792699);
INSERT INTO phase VALUES(6,1,4,'ready',NULL,13057842,4980);
INSERT INTO phase VALUES(6,1,5,'step:say',NULL,13108619,2605653);
INSERT INTO phase VALUES(6,1,6,'step:last',NULL,15855841,7231707);
INSERT INTO phase VALUES(6,1,7,'collect',NULL,23218157,231);
INSERT INTO phase VALUES(6,1,8,'teardown',NULL,23264014,751298);
INSERT INTO phase VALUES(7,1,0,'prepare',NULL,427984,6230283);
INSERT INTO phase VALUES(7,1,1,'network',NULL,10082156,12291465);
INSERT INTO phase VALUES(7,1,2,'define',NULL,22420530,4105735);
INSERT INTO phase VALUES(7,1,3,'boot',NULL,26685908,671788);
INSERT INTO phase VALUES(7,1,4,'ready',NULL,27464288,4288);
INSERT INTO phase VALUES(7,1,5,'step:say',NULL,27515185,9578788);
INSERT INTO phase VALUES(7,1,6,'step:last',NULL,37142556,1623867);
INSERT INTO phase VALUES(7,1,7,'collect',NULL,38935194,351);
INSERT INTO phase VALUES(7,1,8,'teardown',NULL,39029673,5468927);
INSERT INTO phase VALUES(8,1,0,'prepare',NULL,886115,2723647);
INSERT INTO phase VALUES(8,1,1,'network',NULL,3682340,739025);
INSERT INTO phase VALUES(8,1,2,'define',NULL,4844168,999661);
INSERT INTO phase VALUES(8,1,3,'boot',NULL,6055010,956970);
INSERT INTO phase VALUES(8,1,4,'ready',NULL,7085159,3186);
INSERT INTO phase VALUES(8,1,5,'step:say',NULL,7324554,2775125);
INSERT INTO phase VALUES(8,1,6,'step:last',NULL,10145657,2157270);
INSERT INTO phase VALUES(8,1,7,'collect',NULL,12324398,130);
INSERT INTO phase VALUES(8,1,8,'teardown',NULL,12334988,1329217);
INSERT INTO phase VALUES(9,1,0,'prepare',NULL,872037,4750200);
INSERT INTO phase VALUES(9,1,1,'network',NULL,5671130,24155358);
INSERT INTO phase VALUES(9,1,2,'define',NULL,33734076,7243300);
INSERT INTO phase VALUES(9,1,3,'boot',NULL,41091703,9749333);
INSERT INTO phase VALUES(9,1,4,'ready',NULL,55732654,167659);
INSERT INTO phase VALUES(9,1,5,'step:say',NULL,55916294,12578460);
INSERT INTO phase VALUES(9,1,6,'step:last',NULL,68542465,15417979);
INSERT INTO phase VALUES(9,1,7,'collect',NULL,84018254,321);
INSERT INTO phase VALUES(9,1,8,'teardown',NULL,84029957,11774833);
INSERT INTO phase VALUES(10,1,0,'prepare',NULL,569764,1806884);
INSERT INTO phase VALUES(10,1,1,'network',NULL,2485254,555176);
INSERT INTO phase VALUES(10,1,2,'define',NULL,3172821,824087);
INSERT INTO phase VALUES(10,1,3,'boot',NULL,4069356,557179);
INSERT INTO phase VALUES(10,1,4,'ready',NULL,4689535,3336);
INSERT INTO phase VALUES(10,1,5,'step:say',NULL,4747314,5665671);
INSERT INTO phase VALUES(10,1,6,'step:last',NULL,10424317,11723956);
INSERT INTO phase VALUES(10,1,7,'collect',NULL,22236291,380);
INSERT INTO phase VALUES(10,1,8,'teardown',NULL,22268461,2406836);
INSERT INTO phase VALUES(11,1,0,'prepare',NULL,11889171,19770012);
INSERT INTO phase VALUES(11,1,1,'network',NULL,31858211,7997042);
INSERT INTO phase VALUES(11,1,2,'define',NULL,40287836,4508901);
INSERT INTO phase VALUES(11,1,3,'boot',NULL,51052969,3938297);
INSERT INTO phase VALUES(11,1,4,'ready',NULL,55208328,6974);
INSERT INTO phase VALUES(11,1,5,'step:say',NULL,55293130,5645322);
INSERT INTO phase VALUES(11,1,6,'step:last',NULL,61018303,999921);
INSERT INTO phase VALUES(11,1,7,'collect',NULL,62116661,461);
INSERT INTO phase VALUES(11,1,8,'teardown',NULL,62194359,880844);
INSERT INTO phase VALUES(12,1,0,'prepare',NULL,481344,7750324);
INSERT INTO phase VALUES(12,1,1,'network',NULL,8297673,6248448);
INSERT INTO phase VALUES(12,1,2,'define',NULL,14631534,3345509);
INSERT INTO phase VALUES(12,1,3,'boot',NULL,18016007,4001116);
INSERT INTO phase VALUES(12,1,4,'ready',NULL,22063101,7173);
INSERT INTO phase VALUES(12,1,5,'step:say',NULL,22097456,8392113);
INSERT INTO phase VALUES(12,1,6,'step:last',NULL,30502112,1698389);
INSERT INTO phase VALUES(12,1,7,'collect',NULL,34077289,801);
INSERT INTO phase VALUES(12,1,8,'teardown',NULL,34115291,635869);
INSERT INTO phase VALUES(13,1,0,'prepare',NULL,720790,4998622);
INSERT INTO phase VALUES(13,1,1,'network',NULL,6180739,82828);
INSERT INTO phase VALUES(13,1,2,'define',NULL,6328941,5364597);
INSERT INTO phase VALUES(13,1,3,'boot',NULL,16674627,4334731);
INSERT INTO phase VALUES(13,1,4,'ready',NULL,21047480,8155);
INSERT INTO phase VALUES(13,1,5,'step:say',NULL,21071606,2363002);
INSERT INTO phase VALUES(13,1,6,'collect',NULL,23640119,541);
INSERT INTO phase VALUES(13,1,7,'teardown',NULL,23670156,705190);
INSERT INTO phase VALUES(14,1,0,'prepare',NULL,552791,6883495);
INSERT INTO phase VALUES(14,1,1,'network',NULL,7503484,128885);
INSERT INTO phase VALUES(14,1,2,'define',NULL,7647167,2302897);
INSERT INTO phase VALUES(14,1,3,'boot',NULL,9984921,2592658);
INSERT INTO phase VALUES(14,1,4,'ready',NULL,12614850,5511);
INSERT INTO phase VALUES(14,1,5,'step:say',NULL,12635941,4239238);
INSERT INTO phase VALUES(14,1,6,'collect',NULL,16918842,190);
INSERT INTO phase VALUES(14,1,7,'teardown',NULL,16946645,8755964);
CREATE TABLE machine (
    -- A machine of an attempt, as it really was.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    image TEXT,                                     -- name of its image
    image_digest TEXT,                              -- SHA-256 of its image
    platform TEXT,                                  -- vm or bare
    accelerator TEXT,                               -- kvm or tcg
    emulator TEXT,                                  -- program and version that emulated
    memory_mb INTEGER NOT NULL CHECK (memory_mb >= 0), -- memory in MiB
    cpus INTEGER NOT NULL CHECK (cpus >= 0),        -- virtual CPUs
    PRIMARY KEY (run_id, attempt, name),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO machine VALUES(1,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(2,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(3,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(4,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(5,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(6,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(7,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(8,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(9,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(10,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(11,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(12,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(13,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
INSERT INTO machine VALUES(14,1,'a','tiny',NULL,'vm','fake','none 0',128,1);
CREATE TABLE step (
    -- A step of an attempt: a command in a machine.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    name TEXT NOT NULL CHECK (name <> ''),          -- its name in the scenario
    machine TEXT,                                   -- where it ran
    command TEXT NOT NULL,                          -- what ran, factors filled in
    exit_status INTEGER,                            -- NULL: it did not end
    timed_out INTEGER NOT NULL CHECK (timed_out IN (0, 1)), -- 1: its time limit ended it
    background INTEGER NOT NULL CHECK (background IN (0, 1)), -- 1: ran beside the steps behind it
    start_ns INTEGER NOT NULL,                      -- from the attempt's beginning
    duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), -- how long it took
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO step VALUES(1,1,0,'say','a',replace('echo rtt=0ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,32787719,22668922);
INSERT INTO step VALUES(1,1,1,'last','a','echo old',0,0,0,55469866,11615110);
INSERT INTO step VALUES(2,1,0,'say','a',replace('echo rtt=0ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,79922658,17910097);
INSERT INTO step VALUES(2,1,1,'last','a','echo new',0,0,0,97844747,4236173);
INSERT INTO step VALUES(3,1,0,'say','a',replace('echo rtt=10ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,32054655,2483000);
INSERT INTO step VALUES(3,1,1,'last','a','echo old',0,0,0,34676879,1478872);
INSERT INTO step VALUES(4,1,0,'say','a',replace('echo rtt=10ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,35041321,8000600);
INSERT INTO step VALUES(4,1,1,'last','a','echo new',0,0,0,43090653,4816677);
INSERT INTO step VALUES(5,1,0,'say','a',replace('echo rtt=0ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,35145259,4496668);
INSERT INTO step VALUES(5,1,1,'last','a','echo old',0,0,0,39692804,5874768);
INSERT INTO step VALUES(6,1,0,'say','a',replace('echo rtt=0ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,13108619,2605624);
INSERT INTO step VALUES(6,1,1,'last','a','echo new',0,0,0,15855841,7231587);
INSERT INTO step VALUES(7,1,0,'say','a',replace('echo rtt=10ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,27515185,9578748);
INSERT INTO step VALUES(7,1,1,'last','a','echo old',0,0,0,37142556,1623837);
INSERT INTO step VALUES(8,1,0,'say','a',replace('echo rtt=10ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,7324554,2775095);
INSERT INTO step VALUES(8,1,1,'last','a','echo new',0,0,0,10145657,2157241);
INSERT INTO step VALUES(9,1,0,'say','a',replace('echo rtt=0ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,55916294,12578420);
INSERT INTO step VALUES(9,1,1,'last','a','echo old',0,0,0,68542465,15417779);
INSERT INTO step VALUES(10,1,0,'say','a',replace('echo rtt=0ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,4747314,5665631);
INSERT INTO step VALUES(10,1,1,'last','a','echo new',0,0,0,10424317,11723806);
INSERT INTO step VALUES(11,1,0,'say','a',replace('echo rtt=10ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,55293130,5645282);
INSERT INTO step VALUES(11,1,1,'last','a','echo old',0,0,0,61018303,999891);
INSERT INTO step VALUES(12,1,0,'say','a',replace('echo rtt=10ms\necho rtt=3\necho extra=1','\n',char(10)),0,0,0,22097456,8392083);
INSERT INTO step VALUES(12,1,1,'last','a','echo new',0,0,0,30502112,1698359);
INSERT INTO step VALUES(13,1,0,'say','a','fail 1',1,0,0,21071606,2362922);
INSERT INTO step VALUES(14,1,0,'say','a','fail 2',2,0,0,12635941,4239158);
CREATE TABLE metric (
    -- A measured quantity of an experiment.
    metric_id INTEGER PRIMARY KEY,                  -- number of the metric
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    name TEXT NOT NULL CHECK (name <> ''),          -- its name: `rtt`, `phase.boot`
    unit TEXT NOT NULL,                             -- its unit; empty: none
    direction TEXT CHECK (direction IN ('lower', 'higher')), -- which is better; NULL: not said
    aggregate TEXT NOT NULL
        CHECK (aggregate IN ('mean', 'median', 'min', 'max', 'sum', 'last') OR aggregate GLOB 'p[0-9]*'),
        -- how a run's samples make one value: mean, median, min, max, sum, last or pNN
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)), -- 1: measured without asking (phase.*, capture.*)
    UNIQUE (experiment_id, name)
) STRICT;
INSERT INTO metric VALUES(1,1,'rtt','ms','lower','mean',0);
INSERT INTO metric VALUES(2,1,'extra','',NULL,'max',0);
INSERT INTO metric VALUES(3,1,'phase.prepare','s','lower','sum',1);
INSERT INTO metric VALUES(4,1,'phase.network','s','lower','sum',1);
INSERT INTO metric VALUES(5,1,'phase.define','s','lower','sum',1);
INSERT INTO metric VALUES(6,1,'phase.boot','s','lower','sum',1);
INSERT INTO metric VALUES(7,1,'phase.ready','s','lower','sum',1);
INSERT INTO metric VALUES(8,1,'phase.step:say','s','lower','sum',1);
INSERT INTO metric VALUES(9,1,'phase.step:last','s','lower','sum',1);
INSERT INTO metric VALUES(10,1,'phase.collect','s','lower','sum',1);
INSERT INTO metric VALUES(11,1,'phase.teardown','s','lower','sum',1);
INSERT INTO metric VALUES(12,2,'phase.prepare','s','lower','sum',1);
INSERT INTO metric VALUES(13,2,'phase.network','s','lower','sum',1);
INSERT INTO metric VALUES(14,2,'phase.define','s','lower','sum',1);
INSERT INTO metric VALUES(15,2,'phase.boot','s','lower','sum',1);
INSERT INTO metric VALUES(16,2,'phase.ready','s','lower','sum',1);
INSERT INTO metric VALUES(17,2,'phase.step:say','s','lower','sum',1);
INSERT INTO metric VALUES(18,2,'phase.collect','s','lower','sum',1);
INSERT INTO metric VALUES(19,2,'phase.teardown','s','lower','sum',1);
CREATE TABLE sample (
    -- One measured number. The key is the order in which reports read: no sorting. No foreign key: they would look up
    -- run and metric anew for every number, which is half the time of storing it. One statement writes here, after it
    -- has found both, and `trialbed doctor --lab` looks for samples without attempt or of another experiment's metric.
    run_id INTEGER NOT NULL,                        -- the run
    metric_id INTEGER NOT NULL,                     -- the metric
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL CHECK (sequence >= 0), -- order within run, metric and attempt, from 0
    iteration INTEGER NOT NULL DEFAULT 0 CHECK (iteration >= 0), -- which repetition within the run; 0: it has only one
    offset_ns INTEGER,                              -- when, from the attempt's beginning; NULL: not known
    value REAL NOT NULL,                            -- the number, in the metric's unit
    PRIMARY KEY (run_id, metric_id, attempt, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO sample VALUES(1,1,1,0,0,NULL,0.0);
INSERT INTO sample VALUES(1,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(1,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(1,3,1,0,0,7406230,0.0053884919999999999346);
INSERT INTO sample VALUES(1,4,1,1,0,13084464,0.0014684010000000000378);
INSERT INTO sample VALUES(1,5,1,2,0,14703361,0.012715171000000000806);
INSERT INTO sample VALUES(1,6,1,3,0,31173720,0.0015579009999999999906);
INSERT INTO sample VALUES(1,7,1,4,0,32757140,5.6910000000000002303e-06);
INSERT INTO sample VALUES(1,8,1,5,0,32787719,0.022668962000000000833);
INSERT INTO sample VALUES(1,9,1,6,0,55469866,0.011615240000000000633);
INSERT INTO sample VALUES(1,10,1,7,0,67225994,2.5999999999999999882e-07);
INSERT INTO sample VALUES(1,11,1,8,0,67237215,0.00087954199999999997574);
INSERT INTO sample VALUES(2,1,1,0,0,NULL,0.0);
INSERT INTO sample VALUES(2,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(2,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(2,3,1,0,0,25410484,0.033422674999999998912);
INSERT INTO sample VALUES(2,4,1,1,0,58936435,0.017968958000000000152);
INSERT INTO sample VALUES(2,5,1,2,0,76958534,0.0009198579999999999604);
INSERT INTO sample VALUES(2,6,1,3,0,78616726,0.001255676999999999965);
INSERT INTO sample VALUES(2,7,1,4,0,79897891,4.3479999999999997058e-06);
INSERT INTO sample VALUES(2,8,1,5,0,79922658,0.017910127000000001379);
INSERT INTO sample VALUES(2,9,1,6,0,97844747,0.0042362329999999998389);
INSERT INTO sample VALUES(2,10,1,7,0,102111759,4.8100000000000003221e-07);
INSERT INTO sample VALUES(2,11,1,8,0,102187413,0.00075677899999999995866);
INSERT INTO sample VALUES(3,1,1,0,0,NULL,10.0);
INSERT INTO sample VALUES(3,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(3,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(3,3,1,0,0,4864278,0.021450996999999999426);
INSERT INTO sample VALUES(3,4,1,1,0,26576391,0.00079547199999999997598);
INSERT INTO sample VALUES(3,5,1,2,0,27567716,0.003365177000000000012);
INSERT INTO sample VALUES(3,6,1,3,0,31043372,0.00076362200000000004206);
INSERT INTO sample VALUES(3,7,1,4,0,31967689,5.0200000000000002172e-06);
INSERT INTO sample VALUES(3,8,1,5,0,32054655,0.0024830500000000001008);
INSERT INTO sample VALUES(3,9,1,6,0,34676879,0.0014790120000000000349);
INSERT INTO sample VALUES(3,10,1,7,0,36303231,2.5100000000000001086e-07);
INSERT INTO sample VALUES(3,11,1,8,0,36379797,0.0005525099999999999803);
INSERT INTO sample VALUES(4,1,1,0,0,NULL,10.0);
INSERT INTO sample VALUES(4,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(4,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(4,3,1,0,0,524767,0.012557682000000000566);
INSERT INTO sample VALUES(4,4,1,1,0,13320682,0.012680144000000000831);
INSERT INTO sample VALUES(4,5,1,2,0,26072292,0.0050247219999999996956);
INSERT INTO sample VALUES(4,6,1,3,0,31321871,0.0033828909999999998495);
INSERT INTO sample VALUES(4,7,1,4,0,34908789,8.7679999999999997384e-06);
INSERT INTO sample VALUES(4,8,1,5,0,35041321,0.0080006399999999998351);
INSERT INTO sample VALUES(4,9,1,6,0,43090653,0.004816705999999999592);
INSERT INTO sample VALUES(4,10,1,7,0,48044440,5.30999999999999977e-07);
INSERT INTO sample VALUES(4,11,1,8,0,48090407,0.00066100700000000002249);
INSERT INTO sample VALUES(5,1,1,0,0,NULL,0.0);
INSERT INTO sample VALUES(5,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(5,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(5,3,1,0,0,4839630,0.0085935649999999991904);
INSERT INTO sample VALUES(5,4,1,1,0,13484713,0.010970906000000000754);
INSERT INTO sample VALUES(5,5,1,2,0,24501967,0.0044095219999999999208);
INSERT INTO sample VALUES(5,6,1,3,0,29182765,0.0058507519999999998625);
INSERT INTO sample VALUES(5,7,1,4,0,35114170,5.8309999999999997371e-06);
INSERT INTO sample VALUES(5,8,1,5,0,35145259,0.0044966980000000003614);
INSERT INTO sample VALUES(5,9,1,6,0,39692804,0.0058749279999999997475);
INSERT INTO sample VALUES(5,10,1,7,0,45773914,5.4099999999999998719e-07);
INSERT INTO sample VALUES(5,11,1,8,0,45824660,0.010839164999999999564);
INSERT INTO sample VALUES(6,1,1,0,0,NULL,0.0);
INSERT INTO sample VALUES(6,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(6,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(6,3,1,0,0,2297367,0.0020708169999999999702);
INSERT INTO sample VALUES(6,4,1,1,0,4648356,0.0015261409999999999559);
INSERT INTO sample VALUES(6,5,1,2,0,6588945,0.0044697479999999999503);
INSERT INTO sample VALUES(6,6,1,3,0,11188709,0.0017926990000000000285);
INSERT INTO sample VALUES(6,7,1,4,0,13057842,4.9799999999999997532e-06);
INSERT INTO sample VALUES(6,8,1,5,0,13108619,0.0026056529999999998754);
INSERT INTO sample VALUES(6,9,1,6,0,15855841,0.0072317070000000004126);
INSERT INTO sample VALUES(6,10,1,7,0,23218157,2.309999999999999906e-07);
INSERT INTO sample VALUES(6,11,1,8,0,23264014,0.00075129799999999996151);
INSERT INTO sample VALUES(7,1,1,0,0,NULL,10.0);
INSERT INTO sample VALUES(7,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(7,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(7,3,1,0,0,427984,0.0062302829999999996546);
INSERT INTO sample VALUES(7,4,1,1,0,10082156,0.012291464999999999682);
INSERT INTO sample VALUES(7,5,1,2,0,22420530,0.0041057350000000001136);
INSERT INTO sample VALUES(7,6,1,3,0,26685908,0.00067178799999999998585);
INSERT INTO sample VALUES(7,7,1,4,0,27464288,4.28800000000000028e-06);
INSERT INTO sample VALUES(7,8,1,5,0,27515185,0.0095787879999999995389);
INSERT INTO sample VALUES(7,9,1,6,0,37142556,0.0016238669999999999753);
INSERT INTO sample VALUES(7,10,1,7,0,38935194,3.5100000000000000635e-07);
INSERT INTO sample VALUES(7,11,1,8,0,39029673,0.0054689270000000001631);
INSERT INTO sample VALUES(8,1,1,0,0,NULL,10.0);
INSERT INTO sample VALUES(8,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(8,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(8,3,1,0,0,886115,0.0027236470000000000471);
INSERT INTO sample VALUES(8,4,1,1,0,3682340,0.00073902500000000003344);
INSERT INTO sample VALUES(8,5,1,2,0,4844168,0.00099966099999999999577);
INSERT INTO sample VALUES(8,6,1,3,0,6055010,0.00095697000000000002114);
INSERT INTO sample VALUES(8,7,1,4,0,7085159,3.1860000000000000736e-06);
INSERT INTO sample VALUES(8,8,1,5,0,7324554,0.0027751249999999998141);
INSERT INTO sample VALUES(8,9,1,6,0,10145657,0.0021572700000000001943);
INSERT INTO sample VALUES(8,10,1,7,0,12324398,1.2999999999999999941e-07);
INSERT INTO sample VALUES(8,11,1,8,0,12334988,0.0013292169999999999419);
INSERT INTO sample VALUES(9,1,1,0,0,NULL,0.0);
INSERT INTO sample VALUES(9,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(9,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(9,3,1,0,0,872037,0.004750200000000000429);
INSERT INTO sample VALUES(9,4,1,1,0,5671130,0.024155357999999998303);
INSERT INTO sample VALUES(9,5,1,2,0,33734076,0.0072433000000000002591);
INSERT INTO sample VALUES(9,6,1,3,0,41091703,0.0097493330000000006513);
INSERT INTO sample VALUES(9,7,1,4,0,55732654,0.00016765899999999998837);
INSERT INTO sample VALUES(9,8,1,5,0,55916294,0.012578459999999999641);
INSERT INTO sample VALUES(9,9,1,6,0,68542465,0.015417979000000000058);
INSERT INTO sample VALUES(9,10,1,7,0,84018254,3.2099999999999997593e-07);
INSERT INTO sample VALUES(9,11,1,8,0,84029957,0.011774833000000000174);
INSERT INTO sample VALUES(10,1,1,0,0,NULL,0.0);
INSERT INTO sample VALUES(10,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(10,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(10,3,1,0,0,569764,0.0018068839999999999207);
INSERT INTO sample VALUES(10,4,1,1,0,2485254,0.00055517599999999999848);
INSERT INTO sample VALUES(10,5,1,2,0,3172821,0.00082408700000000003997);
INSERT INTO sample VALUES(10,6,1,3,0,4069356,0.00055717899999999998591);
INSERT INTO sample VALUES(10,7,1,4,0,4689535,3.3359999999999999083e-06);
INSERT INTO sample VALUES(10,8,1,5,0,4747314,0.0056656709999999997282);
INSERT INTO sample VALUES(10,9,1,6,0,10424317,0.011723956000000000654);
INSERT INTO sample VALUES(10,10,1,7,0,22236291,3.8000000000000001454e-07);
INSERT INTO sample VALUES(10,11,1,8,0,22268461,0.0024068359999999998713);
INSERT INTO sample VALUES(11,1,1,0,0,NULL,10.0);
INSERT INTO sample VALUES(11,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(11,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(11,3,1,0,0,11889171,0.019770012000000000002);
INSERT INTO sample VALUES(11,4,1,1,0,31858211,0.0079970419999999993454);
INSERT INTO sample VALUES(11,5,1,2,0,40287836,0.0045089010000000000547);
INSERT INTO sample VALUES(11,6,1,3,0,51052969,0.0039382970000000003252);
INSERT INTO sample VALUES(11,7,1,4,0,55208328,6.9739999999999996356e-06);
INSERT INTO sample VALUES(11,8,1,5,0,55293130,0.0056453220000000003606);
INSERT INTO sample VALUES(11,9,1,6,0,61018303,0.00099992099999999996956);
INSERT INTO sample VALUES(11,10,1,7,0,62116661,4.6100000000000001193e-07);
INSERT INTO sample VALUES(11,11,1,8,0,62194359,0.00088084399999999998462);
INSERT INTO sample VALUES(12,1,1,0,0,NULL,10.0);
INSERT INTO sample VALUES(12,1,1,1,0,NULL,3.0);
INSERT INTO sample VALUES(12,2,1,0,0,NULL,1.0);
INSERT INTO sample VALUES(12,3,1,0,0,481344,0.0077503240000000002754);
INSERT INTO sample VALUES(12,4,1,1,0,8297673,0.0062484480000000001964);
INSERT INTO sample VALUES(12,5,1,2,0,14631534,0.0033455089999999999827);
INSERT INTO sample VALUES(12,6,1,3,0,18016007,0.004001115999999999874);
INSERT INTO sample VALUES(12,7,1,4,0,22063101,7.1729999999999997633e-06);
INSERT INTO sample VALUES(12,8,1,5,0,22097456,0.0083921129999999996562);
INSERT INTO sample VALUES(12,9,1,6,0,30502112,0.0016983890000000000184);
INSERT INTO sample VALUES(12,10,1,7,0,34077289,8.0100000000000003887e-07);
INSERT INTO sample VALUES(12,11,1,8,0,34115291,0.00063586899999999995248);
INSERT INTO sample VALUES(13,12,1,0,0,720790,0.004998622000000000308);
INSERT INTO sample VALUES(13,13,1,1,0,6180739,8.2828000000000000478e-05);
INSERT INTO sample VALUES(13,14,1,2,0,6328941,0.005364596999999999595);
INSERT INTO sample VALUES(13,15,1,3,0,16674627,0.0043347309999999996538);
INSERT INTO sample VALUES(13,16,1,4,0,21047480,8.1550000000000006953e-06);
INSERT INTO sample VALUES(13,17,1,5,0,21071606,0.0023630019999999998976);
INSERT INTO sample VALUES(13,18,1,6,0,23640119,5.4099999999999998719e-07);
INSERT INTO sample VALUES(13,19,1,7,0,23670156,0.00070518999999999996183);
INSERT INTO sample VALUES(14,12,1,0,0,552791,0.0068834949999999998915);
INSERT INTO sample VALUES(14,13,1,1,0,7503484,0.00012888499999999999674);
INSERT INTO sample VALUES(14,14,1,2,0,7647167,0.0023028969999999999301);
INSERT INTO sample VALUES(14,15,1,3,0,9984921,0.002592657999999999855);
INSERT INTO sample VALUES(14,16,1,4,0,12614850,5.51100000000000026e-06);
INSERT INTO sample VALUES(14,17,1,5,0,12635941,0.0042392380000000002074);
INSERT INTO sample VALUES(14,18,1,6,0,16918842,1.9000000000000000726e-07);
INSERT INTO sample VALUES(14,19,1,7,0,16946645,0.0087559639999999997611);
CREATE TABLE run_value (
    -- A run's one value of a metric, from its last completed attempt. Kept by trialbed in the transaction that ends an
    -- attempt.
    run_id INTEGER NOT NULL REFERENCES run,         -- the run
    metric_id INTEGER NOT NULL REFERENCES metric,   -- the metric
    attempt INTEGER NOT NULL,                       -- the attempt whose samples these are
    value REAL NOT NULL,                            -- the samples put together by the metric's aggregate
    samples INTEGER NOT NULL CHECK (samples >= 1),  -- how many samples
    PRIMARY KEY (run_id, metric_id),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO run_value VALUES(1,1,1,1.5,2);
INSERT INTO run_value VALUES(1,2,1,1.0,1);
INSERT INTO run_value VALUES(1,3,1,0.0053884919999999999346,1);
INSERT INTO run_value VALUES(1,4,1,0.0014684010000000000378,1);
INSERT INTO run_value VALUES(1,5,1,0.012715171000000000806,1);
INSERT INTO run_value VALUES(1,6,1,0.0015579009999999999906,1);
INSERT INTO run_value VALUES(1,7,1,5.6910000000000002303e-06,1);
INSERT INTO run_value VALUES(1,8,1,0.022668962000000000833,1);
INSERT INTO run_value VALUES(1,9,1,0.011615240000000000633,1);
INSERT INTO run_value VALUES(1,10,1,2.5999999999999999882e-07,1);
INSERT INTO run_value VALUES(1,11,1,0.00087954199999999997574,1);
INSERT INTO run_value VALUES(2,1,1,1.5,2);
INSERT INTO run_value VALUES(2,2,1,1.0,1);
INSERT INTO run_value VALUES(2,3,1,0.033422674999999998912,1);
INSERT INTO run_value VALUES(2,4,1,0.017968958000000000152,1);
INSERT INTO run_value VALUES(2,5,1,0.0009198579999999999604,1);
INSERT INTO run_value VALUES(2,6,1,0.001255676999999999965,1);
INSERT INTO run_value VALUES(2,7,1,4.3479999999999997058e-06,1);
INSERT INTO run_value VALUES(2,8,1,0.017910127000000001379,1);
INSERT INTO run_value VALUES(2,9,1,0.0042362329999999998389,1);
INSERT INTO run_value VALUES(2,10,1,4.8100000000000003221e-07,1);
INSERT INTO run_value VALUES(2,11,1,0.00075677899999999995866,1);
INSERT INTO run_value VALUES(3,1,1,6.5,2);
INSERT INTO run_value VALUES(3,2,1,1.0,1);
INSERT INTO run_value VALUES(3,3,1,0.021450996999999999426,1);
INSERT INTO run_value VALUES(3,4,1,0.00079547199999999997598,1);
INSERT INTO run_value VALUES(3,5,1,0.003365177000000000012,1);
INSERT INTO run_value VALUES(3,6,1,0.00076362200000000004206,1);
INSERT INTO run_value VALUES(3,7,1,5.0200000000000002172e-06,1);
INSERT INTO run_value VALUES(3,8,1,0.0024830500000000001008,1);
INSERT INTO run_value VALUES(3,9,1,0.0014790120000000000349,1);
INSERT INTO run_value VALUES(3,10,1,2.5100000000000001086e-07,1);
INSERT INTO run_value VALUES(3,11,1,0.0005525099999999999803,1);
INSERT INTO run_value VALUES(4,1,1,6.5,2);
INSERT INTO run_value VALUES(4,2,1,1.0,1);
INSERT INTO run_value VALUES(4,3,1,0.012557682000000000566,1);
INSERT INTO run_value VALUES(4,4,1,0.012680144000000000831,1);
INSERT INTO run_value VALUES(4,5,1,0.0050247219999999996956,1);
INSERT INTO run_value VALUES(4,6,1,0.0033828909999999998495,1);
INSERT INTO run_value VALUES(4,7,1,8.7679999999999997384e-06,1);
INSERT INTO run_value VALUES(4,8,1,0.0080006399999999998351,1);
INSERT INTO run_value VALUES(4,9,1,0.004816705999999999592,1);
INSERT INTO run_value VALUES(4,10,1,5.30999999999999977e-07,1);
INSERT INTO run_value VALUES(4,11,1,0.00066100700000000002249,1);
INSERT INTO run_value VALUES(5,1,1,1.5,2);
INSERT INTO run_value VALUES(5,2,1,1.0,1);
INSERT INTO run_value VALUES(5,3,1,0.0085935649999999991904,1);
INSERT INTO run_value VALUES(5,4,1,0.010970906000000000754,1);
INSERT INTO run_value VALUES(5,5,1,0.0044095219999999999208,1);
INSERT INTO run_value VALUES(5,6,1,0.0058507519999999998625,1);
INSERT INTO run_value VALUES(5,7,1,5.8309999999999997371e-06,1);
INSERT INTO run_value VALUES(5,8,1,0.0044966980000000003614,1);
INSERT INTO run_value VALUES(5,9,1,0.0058749279999999997475,1);
INSERT INTO run_value VALUES(5,10,1,5.4099999999999998719e-07,1);
INSERT INTO run_value VALUES(5,11,1,0.010839164999999999564,1);
INSERT INTO run_value VALUES(6,1,1,1.5,2);
INSERT INTO run_value VALUES(6,2,1,1.0,1);
INSERT INTO run_value VALUES(6,3,1,0.0020708169999999999702,1);
INSERT INTO run_value VALUES(6,4,1,0.0015261409999999999559,1);
INSERT INTO run_value VALUES(6,5,1,0.0044697479999999999503,1);
INSERT INTO run_value VALUES(6,6,1,0.0017926990000000000285,1);
INSERT INTO run_value VALUES(6,7,1,4.9799999999999997532e-06,1);
INSERT INTO run_value VALUES(6,8,1,0.0026056529999999998754,1);
INSERT INTO run_value VALUES(6,9,1,0.0072317070000000004126,1);
INSERT INTO run_value VALUES(6,10,1,2.309999999999999906e-07,1);
INSERT INTO run_value VALUES(6,11,1,0.00075129799999999996151,1);
INSERT INTO run_value VALUES(7,1,1,6.5,2);
INSERT INTO run_value VALUES(7,2,1,1.0,1);
INSERT INTO run_value VALUES(7,3,1,0.0062302829999999996546,1);
INSERT INTO run_value VALUES(7,4,1,0.012291464999999999682,1);
INSERT INTO run_value VALUES(7,5,1,0.0041057350000000001136,1);
INSERT INTO run_value VALUES(7,6,1,0.00067178799999999998585,1);
INSERT INTO run_value VALUES(7,7,1,4.28800000000000028e-06,1);
INSERT INTO run_value VALUES(7,8,1,0.0095787879999999995389,1);
INSERT INTO run_value VALUES(7,9,1,0.0016238669999999999753,1);
INSERT INTO run_value VALUES(7,10,1,3.5100000000000000635e-07,1);
INSERT INTO run_value VALUES(7,11,1,0.0054689270000000001631,1);
INSERT INTO run_value VALUES(8,1,1,6.5,2);
INSERT INTO run_value VALUES(8,2,1,1.0,1);
INSERT INTO run_value VALUES(8,3,1,0.0027236470000000000471,1);
INSERT INTO run_value VALUES(8,4,1,0.00073902500000000003344,1);
INSERT INTO run_value VALUES(8,5,1,0.00099966099999999999577,1);
INSERT INTO run_value VALUES(8,6,1,0.00095697000000000002114,1);
INSERT INTO run_value VALUES(8,7,1,3.1860000000000000736e-06,1);
INSERT INTO run_value VALUES(8,8,1,0.0027751249999999998141,1);
INSERT INTO run_value VALUES(8,9,1,0.0021572700000000001943,1);
INSERT INTO run_value VALUES(8,10,1,1.2999999999999999941e-07,1);
INSERT INTO run_value VALUES(8,11,1,0.0013292169999999999419,1);
INSERT INTO run_value VALUES(9,1,1,1.5,2);
INSERT INTO run_value VALUES(9,2,1,1.0,1);
INSERT INTO run_value VALUES(9,3,1,0.004750200000000000429,1);
INSERT INTO run_value VALUES(9,4,1,0.024155357999999998303,1);
INSERT INTO run_value VALUES(9,5,1,0.0072433000000000002591,1);
INSERT INTO run_value VALUES(9,6,1,0.0097493330000000006513,1);
INSERT INTO run_value VALUES(9,7,1,0.00016765899999999998837,1);
INSERT INTO run_value VALUES(9,8,1,0.012578459999999999641,1);
INSERT INTO run_value VALUES(9,9,1,0.015417979000000000058,1);
INSERT INTO run_value VALUES(9,10,1,3.2099999999999997593e-07,1);
INSERT INTO run_value VALUES(9,11,1,0.011774833000000000174,1);
INSERT INTO run_value VALUES(10,1,1,1.5,2);
INSERT INTO run_value VALUES(10,2,1,1.0,1);
INSERT INTO run_value VALUES(10,3,1,0.0018068839999999999207,1);
INSERT INTO run_value VALUES(10,4,1,0.00055517599999999999848,1);
INSERT INTO run_value VALUES(10,5,1,0.00082408700000000003997,1);
INSERT INTO run_value VALUES(10,6,1,0.00055717899999999998591,1);
INSERT INTO run_value VALUES(10,7,1,3.3359999999999999083e-06,1);
INSERT INTO run_value VALUES(10,8,1,0.0056656709999999997282,1);
INSERT INTO run_value VALUES(10,9,1,0.011723956000000000654,1);
INSERT INTO run_value VALUES(10,10,1,3.8000000000000001454e-07,1);
INSERT INTO run_value VALUES(10,11,1,0.0024068359999999998713,1);
INSERT INTO run_value VALUES(11,1,1,6.5,2);
INSERT INTO run_value VALUES(11,2,1,1.0,1);
INSERT INTO run_value VALUES(11,3,1,0.019770012000000000002,1);
INSERT INTO run_value VALUES(11,4,1,0.0079970419999999993454,1);
INSERT INTO run_value VALUES(11,5,1,0.0045089010000000000547,1);
INSERT INTO run_value VALUES(11,6,1,0.0039382970000000003252,1);
INSERT INTO run_value VALUES(11,7,1,6.9739999999999996356e-06,1);
INSERT INTO run_value VALUES(11,8,1,0.0056453220000000003606,1);
INSERT INTO run_value VALUES(11,9,1,0.00099992099999999996956,1);
INSERT INTO run_value VALUES(11,10,1,4.6100000000000001193e-07,1);
INSERT INTO run_value VALUES(11,11,1,0.00088084399999999998462,1);
INSERT INTO run_value VALUES(12,1,1,6.5,2);
INSERT INTO run_value VALUES(12,2,1,1.0,1);
INSERT INTO run_value VALUES(12,3,1,0.0077503240000000002754,1);
INSERT INTO run_value VALUES(12,4,1,0.0062484480000000001964,1);
INSERT INTO run_value VALUES(12,5,1,0.0033455089999999999827,1);
INSERT INTO run_value VALUES(12,6,1,0.004001115999999999874,1);
INSERT INTO run_value VALUES(12,7,1,7.1729999999999997633e-06,1);
INSERT INTO run_value VALUES(12,8,1,0.0083921129999999996562,1);
INSERT INTO run_value VALUES(12,9,1,0.0016983890000000000184,1);
INSERT INTO run_value VALUES(12,10,1,8.0100000000000003887e-07,1);
INSERT INTO run_value VALUES(12,11,1,0.00063586899999999995248,1);
CREATE TABLE cell_stat (
    -- Statistics of a metric over a cell's counted runs: completed, no warm-up, not tainted. Kept by trialbed with
    -- run_value, so that any SQLite program can read them.
    cell_id INTEGER NOT NULL REFERENCES cell,       -- the cell
    metric_id INTEGER NOT NULL REFERENCES metric,   -- the metric
    n INTEGER NOT NULL CHECK (n >= 1),              -- counted runs with a value
    mean REAL,                                      -- arithmetic mean
    stddev REAL,                                    -- sample standard deviation (n-1); NULL for n = 1
    sem REAL,                                       -- standard error of the mean; NULL for n = 1
    ci95_low REAL,                                  -- lower end of the mean's 95 % confidence interval (Student's t)
    ci95_high REAL,                                 -- its upper end
    median REAL,                                    -- median
    min REAL,                                       -- smallest value
    max REAL,                                       -- largest value
    PRIMARY KEY (cell_id, metric_id)
) STRICT, WITHOUT ROWID;
INSERT INTO cell_stat VALUES(1,1,2,1.5,0.0,0.0,1.5,1.5,1.5,1.5,1.5);
INSERT INTO cell_stat VALUES(1,2,2,1.0,0.0,0.0,1.0,1.0,1.0,1.0,1.0);
INSERT INTO cell_stat VALUES(1,3,2,0.0066718825000000002434,0.0027176694540750343312,0.0019216824999999993807,-0.017745408782924017992,0.031089173782924018479,0.0066718825000000002434,0.004750200000000000429,0.0085935649999999991904);
INSERT INTO cell_stat VALUES(1,4,2,0.017563131999999998661,0.0093228154154285369781,0.0065922259999999987742,-0.066199041223133942013,0.10132530522313393239,0.017563131999999998661,0.010970906000000000754,0.024155357999999998303);
INSERT INTO cell_stat VALUES(1,5,2,0.0058264110000000000899,0.0020037836401772526548,0.0014168890000000001691,-0.012176870722433827398,0.023829692722433827578,0.0058264110000000000899,0.0044095219999999999208,0.0072433000000000002591);
INSERT INTO cell_stat VALUES(1,6,2,0.0078000424999999998232,0.0027567130621050320998,0.0019492905000000003944,-0.016968041683280341708,0.032568126683280337885,0.0078000424999999998232,0.0058507519999999998625,0.0097493330000000006513);
INSERT INTO cell_stat VALUES(1,7,2,8.6744999999999997022e-05,0.00011442967618585660031,8.0913999999999991355e-05,-0.0009413648500228390982,0.0011148548500228392006,8.6744999999999997022e-05,5.8309999999999997371e-06,0.00016765899999999998837);
INSERT INTO cell_stat VALUES(1,8,2,0.0085375790000000000012,0.0057146687141357540087,0.0040408809999999996398,-0.042806682300518331119,0.059881840300518324182,0.0085375790000000000012,0.0044966980000000003614,0.012578459999999999641);
INSERT INTO cell_stat VALUES(1,9,2,0.010646453499999999903,0.0067479560753090639391,0.0047715255000000001556,-0.049981526406878327983,0.071274433406878334729,0.010646453499999999903,0.0058749279999999997475,0.015417979000000000058);
INSERT INTO cell_stat VALUES(1,10,2,4.3099999999999998156e-07,1.5556349186104047247e-07,1.100000000000000056e-07,-9.6668252097921636327e-07,1.8286825209792163263e-06,4.3099999999999998156e-07,3.2099999999999997593e-07,5.4099999999999998719e-07);
INSERT INTO cell_stat VALUES(1,11,2,0.011306998999999999869,0.00066161718773925500079,0.00046783400000000030516,0.0053626044134564444104,0.017251393586543553593,0.011306998999999999869,0.010839164999999999564,0.011774833000000000174);
INSERT INTO cell_stat VALUES(2,1,2,1.5,0.0,0.0,1.5,1.5,1.5,1.5,1.5);
INSERT INTO cell_stat VALUES(2,2,2,1.0,0.0,0.0,1.0,1.0,1.0,1.0,1.0);
INSERT INTO cell_stat VALUES(2,3,2,0.0019388504999999999454,0.00018662881407890909071,0.00013196650000000002475,0.00026205713268360195447,0.0036156438673163979365,0.0019388504999999999454,0.0018068839999999999207,0.0020708169999999999702);
INSERT INTO cell_stat VALUES(2,4,2,0.0010406585000000000314,0.00068657593579479606928,0.00048548249999999997872,-0.0051279815408299313922,0.0072092985408299305877,0.0010406585000000000314,0.00055517599999999999848,0.0015261409999999999559);
INSERT INTO cell_stat VALUES(2,5,2,0.0026469175000000001035,0.0025778716150073300271,0.0018228304999999998467,-0.020514340032343682251,0.025808175032343685928,0.0026469175000000001035,0.00082408700000000003997,0.0044697479999999999503);
INSERT INTO cell_stat VALUES(2,6,2,0.0011749390000000000614,0.00087364457029160324727,0.00061775999999999996713,-0.0066744460378192795035,0.0090243240378192791928,0.0011749390000000000614,0.00055717899999999998591,0.0017926990000000000285);
INSERT INTO cell_stat VALUES(2,7,2,4.1579999999999998306e-06,1.1624835482706841188e-06,8.2199999999999992256e-07,-6.2865002931355972448e-06,1.4602500293135596906e-05,4.1579999999999998306e-06,3.3359999999999999083e-06,4.9799999999999997532e-06);
INSERT INTO cell_stat VALUES(2,8,2,0.0041356620000000000186,0.0021637594783528966979,0.0015300089999999999263,-0.015304945602189907669,0.023576269602189905971,0.0041356620000000000186,0.0026056529999999998754,0.0056656709999999997282);
INSERT INTO cell_stat VALUES(2,9,2,0.0094778315000000005335,0.0031764997306784870621,0.0022461245000000001209,-0.019061886259938015664,0.0380175492599380202,0.0094778315000000005335,0.0072317070000000004126,0.011723956000000000654);
INSERT INTO cell_stat VALUES(2,10,2,3.0549999999999997611e-07,1.0535891039679560343e-07,7.450000000000001198e-08,-6.4111225284501485626e-07,1.2521122528450147025e-06,3.0549999999999997611e-07,2.309999999999999906e-07,3.8000000000000001454e-07);
INSERT INTO cell_stat VALUES(2,11,2,0.0015790669999999999706,0.0011706421463120145372,0.0008277689999999999007,-0.008938735388258589945,0.012096869388258589886,0.0015790669999999999706,0.00075129799999999996151,0.0024068359999999998713);
INSERT INTO cell_stat VALUES(3,1,2,6.5,0.0,0.0,6.5,6.5,6.5,6.5,6.5);
INSERT INTO cell_stat VALUES(3,2,2,1.0,0.0,0.0,1.0,1.0,1.0,1.0,1.0);
INSERT INTO cell_stat VALUES(3,3,2,0.013000147499999999828,0.0095740341913281516023,0.0067698645000000001736,-0.073019136873160930822,0.099019431873160937418,0.013000147499999999828,0.0062302829999999996546,0.019770012000000000002);
INSERT INTO cell_stat VALUES(3,4,2,0.010144253499999998646,0.0030366156245834772728,0.0021472115000000001686,-0.017138655430868773854,0.037427162430868771147,0.010144253499999998646,0.0079970419999999993454,0.012291464999999999682);
INSERT INTO cell_stat VALUES(3,5,2,0.0043073180000000000841,0.00028508141254385559355,0.00020158299999999997054,0.0017459631306676972641,0.0068686728693323033378,0.0043073180000000000841,0.0041057350000000001136,0.0045089010000000000547);
INSERT INTO cell_stat VALUES(3,6,2,0.0023050424999999999386,0.0023097706647068885418,0.0016332545000000001696,-0.018447423563278633057,0.023057508563278632934,0.0023050424999999999386,0.00067178799999999998585,0.0039382970000000003252);
INSERT INTO cell_stat VALUES(3,7,2,5.6309999999999999584e-06,1.8992888142670661479e-06,1.3429999999999996777e-06,-1.1433432960682609247e-05,2.2695432960682610857e-05,5.6309999999999999584e-06,4.28800000000000028e-06,6.9739999999999996356e-06);
INSERT INTO cell_stat VALUES(3,8,2,0.0076120549999999995161,0.0027813804821667236118,0.0019667329999999995891,-0.017377657159391060592,0.032601767159391059625,0.0076120549999999995161,0.0056453220000000003606,0.0095787879999999995389);
INSERT INTO cell_stat VALUES(3,9,2,0.0013118940000000000808,0.00044119644769422157459,0.00031197300000000000291,-0.0026520988101586279866,0.0052758868101586281484,0.0013118940000000000808,0.00099992099999999996956,0.0016238669999999999753);
INSERT INTO cell_stat VALUES(3,10,2,4.0600000000000000914e-07,7.7781745930520236236e-08,5.5000000000000002801e-08,-2.9284126048960816323e-07,1.1048412604896080756e-06,4.0600000000000000914e-07,3.5100000000000000635e-07,4.6100000000000001193e-07);
INSERT INTO cell_stat VALUES(3,11,2,0.0031748855000000002907,0.0032442646019467187741,0.0022940414999999998724,-0.025973675472281299025,0.032323446472281296137,0.0031748855000000002907,0.00088084399999999998462,0.0054689270000000001631);
INSERT INTO cell_stat VALUES(4,1,2,6.5,0.0,0.0,6.5,6.5,6.5,6.5,6.5);
INSERT INTO cell_stat VALUES(4,2,2,1.0,0.0,0.0,1.0,1.0,1.0,1.0,1.0);
INSERT INTO cell_stat VALUES(4,3,2,0.0052369855000000001613,0.0035543973935344514922,0.0025133385000000001141,-0.026698008052310207016,0.037171979052310205604,0.0052369855000000001613,0.0027236470000000000471,0.0077503240000000002754);
INSERT INTO cell_stat VALUES(4,4,2,0.0034937365000000000607,0.0038957503637251323855,0.0027547115000000001357,-0.031508191808094901387,0.038495664808094895437,0.0034937365000000000607,0.00073902500000000003344,0.0062484480000000001964);
INSERT INTO cell_stat VALUES(4,5,2,0.0021725849999999998808,0.0016587650284329001106,0.0011729240000000001019,-0.012730827483972969454,0.017075997483972968349,0.0021725849999999998808,0.00099966099999999999577,0.0033455089999999999827);
INSERT INTO cell_stat VALUES(4,6,2,0.0024790429999999997849,0.0021525362795219039196,0.0015220729999999998722,-0.016860728161403625013,0.021818814161403625451,0.0024790429999999997849,0.00095697000000000002114,0.004001115999999999874);
INSERT INTO cell_stat VALUES(4,7,2,5.1795000000000001303e-06,2.8192347365907646651e-06,1.9934999999999996329e-06,-2.0150319141564248339e-05,3.05093191415642486e-05,5.1795000000000001303e-06,3.1860000000000000736e-06,7.1729999999999997633e-06);
INSERT INTO cell_stat VALUES(4,8,2,0.0055836189999999997352,0.003971810304643463331,0.002808493999999999921,-0.030101680764318211602,0.041268918764318207603,0.0055836189999999997352,0.0027751249999999998141,0.0083921129999999996562);
INSERT INTO cell_stat VALUES(4,9,2,0.0019278294999999999979,0.00032447786685766425362,0.00022944050000000008795,-0.00098748846777029115895,0.0048431474677702911549,0.0019278294999999999979,0.0016983890000000000184,0.0021572700000000001943);
INSERT INTO cell_stat VALUES(4,10,2,4.6550000000000003241e-07,4.7446865017617344236e-07,3.3550000000000000652e-07,-3.797431688986609597e-06,4.7284316889866096619e-06,4.6550000000000003241e-07,1.2999999999999999941e-07,8.0100000000000003887e-07);
INSERT INTO cell_stat VALUES(4,11,2,0.00098254300000000000143,0.00049027107252213035937,0.00034667399999999999474,-0.003422367820708626003,0.0053874538207086255722,0.00098254300000000000143,0.00063586899999999995248,0.0013292169999999999419);
CREATE TABLE artifact (
    -- A file that an attempt produced.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    machine TEXT,                                   -- the machine it belongs to; NULL: none
    step TEXT,                                      -- the step it belongs to; NULL: none
    kind TEXT NOT NULL,               -- pcap, log, stdout, stderr, command, exit, file or definition
    path TEXT NOT NULL CHECK (path <> '' AND path NOT GLOB '/*'), -- relative to the lab
    size INTEGER NOT NULL CHECK (size >= 0),        -- bytes
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64), -- SHA-256 of the content, hexadecimal
    media_type TEXT NOT NULL CHECK (media_type GLOB '?*/?*'), -- what the content is, as `text/plain`; by kind and name
    PRIMARY KEY (run_id, attempt, sequence),
    UNIQUE (run_id, attempt, path),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO artifact VALUES(1,1,0,NULL,NULL,'definition','runs/1/00001/1/job.json',336,'929a76b9e1252323f5ffd34265fc1c4f76413687913bcd3fe8436b44050c224e','application/json');
INSERT INTO artifact VALUES(1,1,1,'a',NULL,'log','runs/1/00001/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(1,1,2,'a',NULL,'definition','runs/1/00001/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(1,1,3,'a','say','stdout','runs/1/00001/1/01-say.stdout',22,'0f22bfae828b8e79efd5970af48da942edde5d63efcc4885f25f7432d6798ffb','text/plain');
INSERT INTO artifact VALUES(1,1,4,'a','say','stderr','runs/1/00001/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(1,1,5,'a','say','command','runs/1/00001/1/01-say.command',36,'e3fd6df55cb22ebac8dbce1067f5c35049d9b8991ac99e1064eb82675b874465','text/plain');
INSERT INTO artifact VALUES(1,1,6,'a','say','exit','runs/1/00001/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(1,1,7,'a','last','stdout','runs/1/00001/1/02-last.stdout',4,'01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee','text/plain');
INSERT INTO artifact VALUES(1,1,8,'a','last','stderr','runs/1/00001/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(1,1,9,'a','last','command','runs/1/00001/1/02-last.command',8,'819b561be4b01d042acf9c152963504db679c1f35863be463a27d0b1f829fce2','text/plain');
INSERT INTO artifact VALUES(1,1,10,'a','last','exit','runs/1/00001/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(2,1,0,NULL,NULL,'definition','runs/1/00002/1/job.json',336,'b4ed6c581eaa09e188b333e3f26b3c004b8e350912a1d8244c8a874bb0199176','application/json');
INSERT INTO artifact VALUES(2,1,1,'a',NULL,'log','runs/1/00002/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(2,1,2,'a',NULL,'definition','runs/1/00002/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(2,1,3,'a','say','stdout','runs/1/00002/1/01-say.stdout',22,'0f22bfae828b8e79efd5970af48da942edde5d63efcc4885f25f7432d6798ffb','text/plain');
INSERT INTO artifact VALUES(2,1,4,'a','say','stderr','runs/1/00002/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(2,1,5,'a','say','command','runs/1/00002/1/01-say.command',36,'e3fd6df55cb22ebac8dbce1067f5c35049d9b8991ac99e1064eb82675b874465','text/plain');
INSERT INTO artifact VALUES(2,1,6,'a','say','exit','runs/1/00002/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(2,1,7,'a','last','stdout','runs/1/00002/1/02-last.stdout',4,'7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c','text/plain');
INSERT INTO artifact VALUES(2,1,8,'a','last','stderr','runs/1/00002/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(2,1,9,'a','last','command','runs/1/00002/1/02-last.command',8,'d9824188f5e3a9f957a31e30a0eadb33d2ed945a95dc09d02c977c93bd7765e5','text/plain');
INSERT INTO artifact VALUES(2,1,10,'a','last','exit','runs/1/00002/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(3,1,0,NULL,NULL,'definition','runs/1/00003/1/job.json',337,'2bc49a270aba996b53d56e92feaba2805dae1cdccf878fdaf15f83afb9a3243d','application/json');
INSERT INTO artifact VALUES(3,1,1,'a',NULL,'log','runs/1/00003/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(3,1,2,'a',NULL,'definition','runs/1/00003/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(3,1,3,'a','say','stdout','runs/1/00003/1/01-say.stdout',23,'ff23cb371ffcf47b9c0c1f6052e80c794145b6aa3c603d395d361b5995e93387','text/plain');
INSERT INTO artifact VALUES(3,1,4,'a','say','stderr','runs/1/00003/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(3,1,5,'a','say','command','runs/1/00003/1/01-say.command',37,'128fae3b4f73b05dde78e2b3673e1465d5dee80b870473c23270bdb577526cc8','text/plain');
INSERT INTO artifact VALUES(3,1,6,'a','say','exit','runs/1/00003/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(3,1,7,'a','last','stdout','runs/1/00003/1/02-last.stdout',4,'01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee','text/plain');
INSERT INTO artifact VALUES(3,1,8,'a','last','stderr','runs/1/00003/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(3,1,9,'a','last','command','runs/1/00003/1/02-last.command',8,'819b561be4b01d042acf9c152963504db679c1f35863be463a27d0b1f829fce2','text/plain');
INSERT INTO artifact VALUES(3,1,10,'a','last','exit','runs/1/00003/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(4,1,0,NULL,NULL,'definition','runs/1/00004/1/job.json',337,'6cc1a103bae897ebc9f83425e0cd83d47dae39c7b5bdc46619d07d84a4dc0acb','application/json');
INSERT INTO artifact VALUES(4,1,1,'a',NULL,'log','runs/1/00004/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(4,1,2,'a',NULL,'definition','runs/1/00004/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(4,1,3,'a','say','stdout','runs/1/00004/1/01-say.stdout',23,'ff23cb371ffcf47b9c0c1f6052e80c794145b6aa3c603d395d361b5995e93387','text/plain');
INSERT INTO artifact VALUES(4,1,4,'a','say','stderr','runs/1/00004/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(4,1,5,'a','say','command','runs/1/00004/1/01-say.command',37,'128fae3b4f73b05dde78e2b3673e1465d5dee80b870473c23270bdb577526cc8','text/plain');
INSERT INTO artifact VALUES(4,1,6,'a','say','exit','runs/1/00004/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(4,1,7,'a','last','stdout','runs/1/00004/1/02-last.stdout',4,'7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c','text/plain');
INSERT INTO artifact VALUES(4,1,8,'a','last','stderr','runs/1/00004/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(4,1,9,'a','last','command','runs/1/00004/1/02-last.command',8,'d9824188f5e3a9f957a31e30a0eadb33d2ed945a95dc09d02c977c93bd7765e5','text/plain');
INSERT INTO artifact VALUES(4,1,10,'a','last','exit','runs/1/00004/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(5,1,0,NULL,NULL,'definition','runs/1/00005/1/job.json',336,'ac7a26fb32018ad396491934a459db0730bfe3b4acbbf75d08bf2e870070b6b2','application/json');
INSERT INTO artifact VALUES(5,1,1,'a',NULL,'log','runs/1/00005/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(5,1,2,'a',NULL,'definition','runs/1/00005/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(5,1,3,'a','say','stdout','runs/1/00005/1/01-say.stdout',22,'0f22bfae828b8e79efd5970af48da942edde5d63efcc4885f25f7432d6798ffb','text/plain');
INSERT INTO artifact VALUES(5,1,4,'a','say','stderr','runs/1/00005/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(5,1,5,'a','say','command','runs/1/00005/1/01-say.command',36,'e3fd6df55cb22ebac8dbce1067f5c35049d9b8991ac99e1064eb82675b874465','text/plain');
INSERT INTO artifact VALUES(5,1,6,'a','say','exit','runs/1/00005/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(5,1,7,'a','last','stdout','runs/1/00005/1/02-last.stdout',4,'01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee','text/plain');
INSERT INTO artifact VALUES(5,1,8,'a','last','stderr','runs/1/00005/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(5,1,9,'a','last','command','runs/1/00005/1/02-last.command',8,'819b561be4b01d042acf9c152963504db679c1f35863be463a27d0b1f829fce2','text/plain');
INSERT INTO artifact VALUES(5,1,10,'a','last','exit','runs/1/00005/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(6,1,0,NULL,NULL,'definition','runs/1/00006/1/job.json',336,'676558c792e5f90ce82e3261d9412fa480d9ca8ec300ef6239edd61bc4b54013','application/json');
INSERT INTO artifact VALUES(6,1,1,'a',NULL,'log','runs/1/00006/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(6,1,2,'a',NULL,'definition','runs/1/00006/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(6,1,3,'a','say','stdout','runs/1/00006/1/01-say.stdout',22,'0f22bfae828b8e79efd5970af48da942edde5d63efcc4885f25f7432d6798ffb','text/plain');
INSERT INTO artifact VALUES(6,1,4,'a','say','stderr','runs/1/00006/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(6,1,5,'a','say','command','runs/1/00006/1/01-say.command',36,'e3fd6df55cb22ebac8dbce1067f5c35049d9b8991ac99e1064eb82675b874465','text/plain');
INSERT INTO artifact VALUES(6,1,6,'a','say','exit','runs/1/00006/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(6,1,7,'a','last','stdout','runs/1/00006/1/02-last.stdout',4,'7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c','text/plain');
INSERT INTO artifact VALUES(6,1,8,'a','last','stderr','runs/1/00006/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(6,1,9,'a','last','command','runs/1/00006/1/02-last.command',8,'d9824188f5e3a9f957a31e30a0eadb33d2ed945a95dc09d02c977c93bd7765e5','text/plain');
INSERT INTO artifact VALUES(6,1,10,'a','last','exit','runs/1/00006/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(7,1,0,NULL,NULL,'definition','runs/1/00007/1/job.json',337,'f26f9a4825ae5cbcb560ee134363f55cbee5ed9953b8e577c3c29db01df9472f','application/json');
INSERT INTO artifact VALUES(7,1,1,'a',NULL,'log','runs/1/00007/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(7,1,2,'a',NULL,'definition','runs/1/00007/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(7,1,3,'a','say','stdout','runs/1/00007/1/01-say.stdout',23,'ff23cb371ffcf47b9c0c1f6052e80c794145b6aa3c603d395d361b5995e93387','text/plain');
INSERT INTO artifact VALUES(7,1,4,'a','say','stderr','runs/1/00007/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(7,1,5,'a','say','command','runs/1/00007/1/01-say.command',37,'128fae3b4f73b05dde78e2b3673e1465d5dee80b870473c23270bdb577526cc8','text/plain');
INSERT INTO artifact VALUES(7,1,6,'a','say','exit','runs/1/00007/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(7,1,7,'a','last','stdout','runs/1/00007/1/02-last.stdout',4,'01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee','text/plain');
INSERT INTO artifact VALUES(7,1,8,'a','last','stderr','runs/1/00007/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(7,1,9,'a','last','command','runs/1/00007/1/02-last.command',8,'819b561be4b01d042acf9c152963504db679c1f35863be463a27d0b1f829fce2','text/plain');
INSERT INTO artifact VALUES(7,1,10,'a','last','exit','runs/1/00007/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(8,1,0,NULL,NULL,'definition','runs/1/00008/1/job.json',337,'162eee11ea63a5cfc2f83c8956865015d880719c47fba5725b826c7b0fb9e3a1','application/json');
INSERT INTO artifact VALUES(8,1,1,'a',NULL,'log','runs/1/00008/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(8,1,2,'a',NULL,'definition','runs/1/00008/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(8,1,3,'a','say','stdout','runs/1/00008/1/01-say.stdout',23,'ff23cb371ffcf47b9c0c1f6052e80c794145b6aa3c603d395d361b5995e93387','text/plain');
INSERT INTO artifact VALUES(8,1,4,'a','say','stderr','runs/1/00008/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(8,1,5,'a','say','command','runs/1/00008/1/01-say.command',37,'128fae3b4f73b05dde78e2b3673e1465d5dee80b870473c23270bdb577526cc8','text/plain');
INSERT INTO artifact VALUES(8,1,6,'a','say','exit','runs/1/00008/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(8,1,7,'a','last','stdout','runs/1/00008/1/02-last.stdout',4,'7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c','text/plain');
INSERT INTO artifact VALUES(8,1,8,'a','last','stderr','runs/1/00008/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(8,1,9,'a','last','command','runs/1/00008/1/02-last.command',8,'d9824188f5e3a9f957a31e30a0eadb33d2ed945a95dc09d02c977c93bd7765e5','text/plain');
INSERT INTO artifact VALUES(8,1,10,'a','last','exit','runs/1/00008/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(9,1,0,NULL,NULL,'definition','runs/1/00009/1/job.json',336,'a26994c03d82782a653f0582ab7d89c47b76c5ae23fdcca68f1ce568234d7a3c','application/json');
INSERT INTO artifact VALUES(9,1,1,'a',NULL,'log','runs/1/00009/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(9,1,2,'a',NULL,'definition','runs/1/00009/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(9,1,3,'a','say','stdout','runs/1/00009/1/01-say.stdout',22,'0f22bfae828b8e79efd5970af48da942edde5d63efcc4885f25f7432d6798ffb','text/plain');
INSERT INTO artifact VALUES(9,1,4,'a','say','stderr','runs/1/00009/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(9,1,5,'a','say','command','runs/1/00009/1/01-say.command',36,'e3fd6df55cb22ebac8dbce1067f5c35049d9b8991ac99e1064eb82675b874465','text/plain');
INSERT INTO artifact VALUES(9,1,6,'a','say','exit','runs/1/00009/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(9,1,7,'a','last','stdout','runs/1/00009/1/02-last.stdout',4,'01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee','text/plain');
INSERT INTO artifact VALUES(9,1,8,'a','last','stderr','runs/1/00009/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(9,1,9,'a','last','command','runs/1/00009/1/02-last.command',8,'819b561be4b01d042acf9c152963504db679c1f35863be463a27d0b1f829fce2','text/plain');
INSERT INTO artifact VALUES(9,1,10,'a','last','exit','runs/1/00009/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(10,1,0,NULL,NULL,'definition','runs/1/00010/1/job.json',337,'37f1f2fcabe555f2256b5f4bb8f46bac85a5d0d10b5b453730ca1d579ac4a99c','application/json');
INSERT INTO artifact VALUES(10,1,1,'a',NULL,'log','runs/1/00010/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(10,1,2,'a',NULL,'definition','runs/1/00010/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(10,1,3,'a','say','stdout','runs/1/00010/1/01-say.stdout',22,'0f22bfae828b8e79efd5970af48da942edde5d63efcc4885f25f7432d6798ffb','text/plain');
INSERT INTO artifact VALUES(10,1,4,'a','say','stderr','runs/1/00010/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(10,1,5,'a','say','command','runs/1/00010/1/01-say.command',36,'e3fd6df55cb22ebac8dbce1067f5c35049d9b8991ac99e1064eb82675b874465','text/plain');
INSERT INTO artifact VALUES(10,1,6,'a','say','exit','runs/1/00010/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(10,1,7,'a','last','stdout','runs/1/00010/1/02-last.stdout',4,'7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c','text/plain');
INSERT INTO artifact VALUES(10,1,8,'a','last','stderr','runs/1/00010/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(10,1,9,'a','last','command','runs/1/00010/1/02-last.command',8,'d9824188f5e3a9f957a31e30a0eadb33d2ed945a95dc09d02c977c93bd7765e5','text/plain');
INSERT INTO artifact VALUES(10,1,10,'a','last','exit','runs/1/00010/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(11,1,0,NULL,NULL,'definition','runs/1/00011/1/job.json',338,'e4f431fd38f0af31f15f82cf940047f3710856fdcf8aa335ca75f033186376bf','application/json');
INSERT INTO artifact VALUES(11,1,1,'a',NULL,'log','runs/1/00011/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(11,1,2,'a',NULL,'definition','runs/1/00011/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(11,1,3,'a','say','stdout','runs/1/00011/1/01-say.stdout',23,'ff23cb371ffcf47b9c0c1f6052e80c794145b6aa3c603d395d361b5995e93387','text/plain');
INSERT INTO artifact VALUES(11,1,4,'a','say','stderr','runs/1/00011/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(11,1,5,'a','say','command','runs/1/00011/1/01-say.command',37,'128fae3b4f73b05dde78e2b3673e1465d5dee80b870473c23270bdb577526cc8','text/plain');
INSERT INTO artifact VALUES(11,1,6,'a','say','exit','runs/1/00011/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(11,1,7,'a','last','stdout','runs/1/00011/1/02-last.stdout',4,'01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee','text/plain');
INSERT INTO artifact VALUES(11,1,8,'a','last','stderr','runs/1/00011/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(11,1,9,'a','last','command','runs/1/00011/1/02-last.command',8,'819b561be4b01d042acf9c152963504db679c1f35863be463a27d0b1f829fce2','text/plain');
INSERT INTO artifact VALUES(11,1,10,'a','last','exit','runs/1/00011/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(12,1,0,NULL,NULL,'definition','runs/1/00012/1/job.json',338,'7e0d3bd9839928f922e401c2e59666eddb29e2a24ddba675e46b5676002b145c','application/json');
INSERT INTO artifact VALUES(12,1,1,'a',NULL,'log','runs/1/00012/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(12,1,2,'a',NULL,'definition','runs/1/00012/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(12,1,3,'a','say','stdout','runs/1/00012/1/01-say.stdout',23,'ff23cb371ffcf47b9c0c1f6052e80c794145b6aa3c603d395d361b5995e93387','text/plain');
INSERT INTO artifact VALUES(12,1,4,'a','say','stderr','runs/1/00012/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(12,1,5,'a','say','command','runs/1/00012/1/01-say.command',37,'128fae3b4f73b05dde78e2b3673e1465d5dee80b870473c23270bdb577526cc8','text/plain');
INSERT INTO artifact VALUES(12,1,6,'a','say','exit','runs/1/00012/1/01-say.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(12,1,7,'a','last','stdout','runs/1/00012/1/02-last.stdout',4,'7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c','text/plain');
INSERT INTO artifact VALUES(12,1,8,'a','last','stderr','runs/1/00012/1/02-last.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(12,1,9,'a','last','command','runs/1/00012/1/02-last.command',8,'d9824188f5e3a9f957a31e30a0eadb33d2ed945a95dc09d02c977c93bd7765e5','text/plain');
INSERT INTO artifact VALUES(12,1,10,'a','last','exit','runs/1/00012/1/02-last.exit',2,'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa','text/plain');
INSERT INTO artifact VALUES(13,1,0,NULL,NULL,'definition','runs/2/00013/1/job.json',329,'66ee8574cb0fd2507b0e30ee66164c68aff19e11e8b3026e50e40c3f358b2a17','application/json');
INSERT INTO artifact VALUES(13,1,1,'a',NULL,'log','runs/2/00013/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(13,1,2,'a',NULL,'definition','runs/2/00013/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(13,1,3,'a','say','stdout','runs/2/00013/1/01-say.stdout',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(13,1,4,'a','say','stderr','runs/2/00013/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(13,1,5,'a','say','command','runs/2/00013/1/01-say.command',6,'d0ba5955cd7486320aa6b89960278b23db72e1622b0b59ff5377f852f857d7d0','text/plain');
INSERT INTO artifact VALUES(13,1,6,'a','say','exit','runs/2/00013/1/01-say.exit',2,'4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865','text/plain');
INSERT INTO artifact VALUES(14,1,0,NULL,NULL,'definition','runs/2/00014/1/job.json',329,'1fdad54f85c82c3c70897bfca78409d8aa9e805ac7b3d88e206eaf13d9001481','application/json');
INSERT INTO artifact VALUES(14,1,1,'a',NULL,'log','runs/2/00014/1/a.console.log',17,'3107a721218ef39b70d4f86d7aa1fd458c84b99ba260fb2980437f9184b19285','text/plain');
INSERT INTO artifact VALUES(14,1,2,'a',NULL,'definition','runs/2/00014/1/a.xml',169,'3ab81143755cd3f6e1ad67e96dd69f096dcff58c40f31285cda5190149059370','application/xml');
INSERT INTO artifact VALUES(14,1,3,'a','say','stdout','runs/2/00014/1/01-say.stdout',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(14,1,4,'a','say','stderr','runs/2/00014/1/01-say.stderr',0,'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','text/plain');
INSERT INTO artifact VALUES(14,1,5,'a','say','command','runs/2/00014/1/01-say.command',6,'61a434ca6ca569a82f1a4729e7309d55b306874166d33ed73e56bd99be03e3fa','text/plain');
INSERT INTO artifact VALUES(14,1,6,'a','say','exit','runs/2/00014/1/01-say.exit',2,'53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3','text/plain');
CREATE TABLE capture (
    -- What a packet capture of an attempt saw.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    bridge TEXT NOT NULL,                           -- where it listened
    filter TEXT,                                    -- its filter; NULL: everything
    path TEXT,                                      -- path of the artifact that holds the packets
    packets INTEGER NOT NULL CHECK (packets >= 0),  -- packets written
    bytes INTEGER NOT NULL CHECK (bytes >= 0),      -- their bytes on the wire
    received INTEGER NOT NULL CHECK (received >= 0), -- packets the kernel saw
    dropped INTEGER NOT NULL CHECK (dropped >= 0),  -- packets the kernel had to drop
    first_ns INTEGER NOT NULL,                      -- time of the first packet: nanoseconds since 1970; 0: none
    last_ns INTEGER NOT NULL,                       -- time of the last packet
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO capture VALUES(5,1,0,'br0','icmp','runs/1/00005/1/01-say.command',40,3920,41,1,1764111505000000000,1764111505400000000);
CREATE TABLE event (
    -- Something that happened during an attempt: a warning, a retry, a drop.
    run_id INTEGER NOT NULL,                        -- the run
    attempt INTEGER NOT NULL,                       -- its attempt
    sequence INTEGER NOT NULL,                      -- order within the attempt, from 0
    at_ns INTEGER NOT NULL,                         -- from the attempt's beginning
    kind TEXT NOT NULL,                             -- what kind of event
    text TEXT NOT NULL,                             -- what happened, for people
    PRIMARY KEY (run_id, attempt, sequence),
    FOREIGN KEY (run_id, attempt) REFERENCES attempt
) STRICT, WITHOUT ROWID;
INSERT INTO event VALUES(13,1,0,33453323,'failure',replace('step ''say'': ended with status 1 on machine ''a''\nhint: ''trialbed log 13 say'' shows what it printed.','\n',char(10)));
INSERT INTO event VALUES(14,1,0,30779821,'failure',replace('step ''say'': ended with status 2 on machine ''a''\nhint: ''trialbed log 14 say'' shows what it printed.','\n',char(10)));
CREATE TABLE published (
    -- A value that was published elsewhere, to compare with.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    metric TEXT NOT NULL CHECK (metric <> ''),      -- name of the metric
    mean REAL NOT NULL,                             -- the published mean, in the metric's unit
    stddev REAL CHECK (stddev >= 0),                -- the published standard deviation; NULL: not given
    n INTEGER CHECK (n >= 1),                       -- over how many runs; NULL: not given
    source TEXT,                                    -- where it was published; NULL: not said
    PRIMARY KEY (experiment_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO published VALUES(1,0,'rtt',10.199999999999999289,0.29999999999999998889,20,'a paper');
CREATE TABLE published_level (
    -- Which cells a published value belongs to: those that have all its levels. One without levels is of every cell.
    experiment_id INTEGER NOT NULL,                 -- the experiment
    position INTEGER NOT NULL,                      -- the published value
    factor_id INTEGER NOT NULL,                     -- a factor
    level_id INTEGER NOT NULL,                      -- its level
    PRIMARY KEY (experiment_id, position, factor_id),
    FOREIGN KEY (experiment_id, position) REFERENCES published,
    FOREIGN KEY (level_id, factor_id) REFERENCES level (level_id, factor_id)
) STRICT, WITHOUT ROWID;
INSERT INTO published_level VALUES(1,0,1,2);
CREATE TABLE schema_change (
    -- Which trialbed made or changed this file, and when.
    version INTEGER PRIMARY KEY,                    -- schema version, as PRAGMA user_version
    name TEXT NOT NULL,                             -- name of the migration
    program TEXT NOT NULL,                          -- version of trialbed
    changed_ns INTEGER NOT NULL                     -- when: nanoseconds since 1970 (UTC)
) STRICT;
INSERT INTO schema_change VALUES(1,'0001-create','0.1',1795647504869331310);
INSERT INTO schema_change VALUES(2,'0002-figure-options','58cfdf3',1795651755659560719);
INSERT INTO schema_change VALUES(3,'0003-run-input','58cfdf3',1795651800000000000);
CREATE TABLE figure (
    -- A figure that the scenario wishes. What is NULL is not said.
    experiment_id INTEGER NOT NULL REFERENCES experiment, -- the experiment
    position INTEGER NOT NULL CHECK (position >= 0), -- order in the scenario, from 0
    figure TEXT NOT NULL,                           -- kind of figure: errorbars
    metric TEXT,                                    -- metric that it shows; NULL: every one that is measured
    x TEXT,                                         -- factor of its x axis
    by TEXT,                                        -- factor of its lines
    facet TEXT,                                     -- factor of its panels
    errors TEXT,                                    -- what its error bars are: stddev, sem or ci95
    normalize_to TEXT,                              -- baseline of ratios: FACTOR=LEVEL, one a line
    expected TEXT,                                  -- what was expected: LEVEL = sum of terms, with semicolons between
    PRIMARY KEY (experiment_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO figure VALUES(1,0,'errorbars','rtt','delay','kernel',NULL,NULL,NULL,NULL);
INSERT INTO figure VALUES(1,1,'cdf','rtt',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE run_input (
    -- The inputs of a run whose last attempt has ended. Runs of an older trialbed have none.
    run_id INTEGER PRIMARY KEY REFERENCES run,      -- the run
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64)
        -- SHA-256 over what the scenario told the run, the files and images that it got, and the versions
) STRICT;
CREATE INDEX experiment_by_name ON experiment (name);
CREATE UNIQUE INDEX run_by_executed ON run (experiment_id, executed) WHERE executed IS NOT NULL;
CREATE INDEX attempt_open ON attempt (run_id) WHERE status = 'running';
CREATE VIEW run_facts AS SELECT
    -- One row a run: where it belongs, and how its last attempt went.
    r.run_id AS run_id,                             -- number of the run
    r.experiment_id AS experiment_id,               -- number of the experiment
    e.name AS experiment,                           -- name of the experiment
    r.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell: `delay=10ms size=64`
    r.repetition AS repetition,                     -- from 1 within its cell
    r.block AS block,                               -- block of a blocked order
    r.position AS position,                         -- planned order within the experiment
    r.warmup AS warmup,                             -- 1: not counted
    r.status AS status,                             -- planned, running, completed, failed or tainted
    a.attempt AS attempt,                           -- number of the last attempt; NULL: none yet
    a.class AS class,                               -- kind of its failure
    a.reason AS reason,                             -- first line of its error
    a.platform AS platform,                         -- vm or bare
    a.accelerator AS accelerator,                   -- kvm or tcg
    strftime('%Y-%m-%dT%H:%M:%S', a.started_ns / 1000000000, 'unixepoch')
        || printf('.%03dZ', a.started_ns / 1000000 % 1000) AS started_at, -- when it began (UTC)
    a.duration_ns / 1e9 AS duration_s,              -- how long it took, in seconds
    r.executed AS executed,                         -- order in which the runs began
    a.phase AS phase,                               -- phase in which it failed
    a.emulator AS emulator,                         -- program and version that emulated
    a.backend AS backend,                           -- what drove the machines
    a.concurrent AS concurrent,                     -- runs side by side at its beginning
    r.status = 'completed' AND r.warmup = 0 AS counted -- 1: counts in cell_summary
FROM run r
JOIN experiment e ON e.experiment_id = r.experiment_id
JOIN cell c ON c.cell_id = r.cell_id
LEFT JOIN attempt a ON a.run_id = r.run_id
    AND a.attempt = (SELECT max(attempt) FROM attempt l WHERE l.run_id = r.run_id)
;
CREATE VIEW run_values AS SELECT
    -- One row a run and metric: the run's value. Warm-up and tainted runs are here too; those with `counted` = 1 make
    -- cell_summary.
    r.run_id AS run_id,                             -- number of the run
    r.experiment_id AS experiment_id,               -- number of the experiment
    r.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    r.repetition AS repetition,                     -- from 1 within its cell
    m.name AS metric,                               -- name of the metric
    m.unit AS unit,                                 -- its unit
    v.value AS value,                               -- the run's samples put together by the metric's aggregate
    v.samples AS samples,                           -- how many samples
    v.attempt AS attempt,                           -- the attempt they are of
    m.aggregate AS aggregate,                       -- how they were put together
    r.warmup AS warmup,                             -- 1: not counted
    r.status = 'completed' AND r.warmup = 0 AS counted -- 1: counts in cell_summary
FROM run_value v
JOIN run r ON r.run_id = v.run_id
JOIN cell c ON c.cell_id = r.cell_id
JOIN metric m ON m.metric_id = v.metric_id
;
CREATE VIEW cell_summary AS SELECT
    -- One row a cell and metric, over the cell's counted runs (completed, no warm-up, not tainted): what `trialbed
    -- summary` shows.
    c.experiment_id AS experiment_id,               -- number of the experiment
    e.name AS experiment,                           -- name of the experiment
    c.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    m.name AS metric,                               -- name of the metric
    m.unit AS unit,                                 -- its unit
    s.n AS n,                                       -- counted runs with a value
    s.mean AS mean,                                 -- arithmetic mean
    s.stddev AS stddev,                             -- sample standard deviation (n-1); NULL for n = 1
    s.sem AS sem,                                   -- standard error of the mean
    s.ci95_low AS ci95_low,                         -- lower end of the 95 % confidence interval of the mean
    s.ci95_high AS ci95_high,                       -- its upper end
    s.median AS median,                             -- median
    s.min AS min,                                   -- smallest value
    s.max AS max,                                   -- largest value
    m.automatic AS automatic,                       -- 1: measured without asking (phase.*, capture.*)
    c.position AS position                          -- order of the cell in the design
FROM cell_stat s
JOIN cell c ON c.cell_id = s.cell_id
JOIN experiment e ON e.experiment_id = c.experiment_id
JOIN metric m ON m.metric_id = s.metric_id
ORDER BY c.experiment_id, m.automatic, c.position, m.name
;
CREATE VIEW phase_times AS SELECT
    -- One row a phase of an attempt.
    run_id AS run_id,                               -- number of the run
    attempt AS attempt,                             -- its attempt
    name AS phase,                      -- prepare, network, define, boot, ready, step:NAME, collect, teardown
    CASE WHEN name GLOB 'step:*' THEN substr(name, 6) END AS step, -- name of the step; NULL: another phase
    machine AS machine,                             -- the machine; NULL: all
    start_ns AS start_ns,                           -- from the attempt's beginning
    duration_ns AS duration_ns                      -- how long it took
FROM phase
;
CREATE VIEW artifacts AS SELECT
    -- One row a file that an attempt produced.
    run_id AS run_id,                               -- number of the run
    attempt AS attempt,                             -- its attempt
    machine AS machine,                             -- the machine it belongs to
    step AS step,                                   -- the step it belongs to
    kind AS kind,                     -- pcap, log, stdout, stderr, command, exit, file or definition
    path AS path,                                   -- relative to the lab
    size AS size,                                   -- bytes
    sha256 AS sha256,                               -- SHA-256 of the content
    media_type AS media_type                        -- what the content is, as `text/plain`
FROM artifact
;
CREATE VIEW failures AS SELECT
    -- One row a failed attempt, also of a run that a later attempt completed.
    r.experiment_id AS experiment_id,               -- number of the experiment
    e.name AS experiment,                           -- name of the experiment
    r.run_id AS run_id,                             -- number of the run
    r.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    r.repetition AS repetition,                     -- from 1 within its cell
    r.warmup AS warmup,                             -- 1: a warm-up
    a.attempt AS attempt,                           -- number of the attempt
    a.phase AS phase,                               -- phase in which it failed
    a.class AS class,                               -- kind of failure
    a.reason AS reason,                             -- first line of the error
    strftime('%Y-%m-%dT%H:%M:%S', a.started_ns / 1000000000, 'unixepoch')
        || printf('.%03dZ', a.started_ns / 1000000 % 1000) AS started_at, -- when it began (UTC)
    a.duration_ns / 1e9 AS duration_s,              -- how long it took, in seconds
    r.status AS status                              -- of the run now: planned, running, completed, failed or tainted
FROM attempt a
JOIN run r ON r.run_id = a.run_id
JOIN cell c ON c.cell_id = r.cell_id
JOIN experiment e ON e.experiment_id = r.experiment_id
WHERE a.status = 'failed'
;
CREATE VIEW published_values AS SELECT
    -- One row a published value and cell that it belongs to, beside what the cell's counted runs measured here.
    p.experiment_id AS experiment_id,               -- number of the experiment
    c.cell_id AS cell_id,                           -- number of the cell
    c.label AS cell,                                -- label of the cell
    p.metric AS metric,                             -- name of the metric
    p.mean AS published_mean,                       -- the published mean
    p.stddev AS published_stddev,                   -- the published standard deviation; NULL: not given
    p.n AS published_n,                             -- over how many runs; NULL: not given
    p.source AS source,                             -- where it was published
    s.n AS n,                                       -- counted runs here; NULL: none yet
    s.mean AS mean,                                 -- their mean
    s.stddev AS stddev,                             -- their standard deviation
    p.position AS position                          -- order in the scenario
FROM published p
JOIN cell c ON c.experiment_id = p.experiment_id
LEFT JOIN metric m ON m.experiment_id = p.experiment_id AND m.name = p.metric
LEFT JOIN cell_stat s ON s.cell_id = c.cell_id AND s.metric_id = m.metric_id
WHERE NOT EXISTS (SELECT 1 FROM published_level l JOIN cell_level h ON h.factor_id = l.factor_id
    WHERE l.experiment_id = p.experiment_id AND l.position = p.position
    AND h.cell_id = c.cell_id AND h.level_id <> l.level_id)
;
CREATE VIEW experiment_1_runs AS SELECT r.run_id AS run_id, r.experiment_id AS experiment_id, r.cell_id AS cell_id, r.cell AS cell, r.repetition AS repetition, r.block AS block, r.position AS position, r.warmup AS warmup, r.status AS status, r.counted AS counted,
    (SELECT l.text FROM cell_level h JOIN level l ON l.level_id = h.level_id WHERE h.cell_id = r.cell_id AND h.factor_id = 1) AS "delay",
    (SELECT l.text FROM cell_level h JOIN level l ON l.level_id = h.level_id WHERE h.cell_id = r.cell_id AND h.factor_id = 2) AS "kernel",
    (SELECT l.base FROM cell_level h JOIN level l ON l.level_id = h.level_id WHERE h.cell_id = r.cell_id AND h.factor_id = 1) AS "delay_base"
FROM run_facts r WHERE r.experiment_id = 1;
CREATE VIEW experiment_2_runs AS SELECT r.run_id AS run_id, r.experiment_id AS experiment_id, r.cell_id AS cell_id, r.cell AS cell, r.repetition AS repetition, r.block AS block, r.position AS position, r.warmup AS warmup, r.status AS status, r.counted AS counted,
    (SELECT l.number FROM cell_level h JOIN level l ON l.level_id = h.level_id WHERE h.cell_id = r.cell_id AND h.factor_id = 3) AS "x"
FROM run_facts r WHERE r.experiment_id = 2;
COMMIT;
