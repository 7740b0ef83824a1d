const APPEND_ONLY = "begin select raise(abort, 'the change log is append-only'); end"
/** The triggers that keep the change log append-only, by name. */
export const LOG_TRIGGERS: Readonly<Record<string, string>> = {
  change_stays: `create trigger change_stays before update on change ${APPEND_ONLY}`,
  change_kept: `create trigger change_kept before delete on change ${APPEND_ONLY}`,
  batch_stays: `create trigger batch_stays before update on batch ${APPEND_ONLY}`,
  batch_kept: `create trigger batch_kept before delete on batch ${APPEND_ONLY}`,
}

/** Layout 1 of a project file. Labels are never overwritten: `change` is append-only, and triggers enforce it. */
export const SCHEMA = `
-- one random id: which file this is. It is the first table, so that its row is on page 2
create table identity (id text not null) strict;

create table meta (key text primary key, value text not null) strict, without rowid;

create table import (
  id integer primary key,
  at text not null,
  kind text not null check (kind in ('first', 'merge', 'repair')),
  -- JSON; 'null' while the import runs
  report text not null,
  -- JSON: how the import's files were read, so that an edited record is read in the same way; null: unknown
  plan text
) strict;

create table source_file (
  id integer primary key,
  name text not null,
  -- where the file was when it was imported: an export never writes there
  path text not null,
  role text not null check (role in ('movies', 'genres', 'themes')),
  bytes integer not null,
  delimiter text not null,
  bom integer not null,
  header text not null,
  columns text not null,
  genres_column text,
  id_column text,
  genre_syntax text not null,
  import integer not null references import (id),
  -- 0 when a later import has replaced the file
  current integer not null,
  kind text not null,
  packing text not null,
  -- the file inside an archive, or the sheet of a workbook
  entry text,
  encoding text not null,
  -- the character that makes a quote inside a quoted cell literal
  quote_escape text not null,
  -- JSON: the columns that each stand for one genre
  genre_columns text not null,
  -- JSON: the repairs that were on
  repairs text not null,
  -- JSON: role -> column
  mapping text not null,
  -- of all bytes of the file at \`path\`: an export copies no other file from there; null: not known
  sha256 text
) strict;

create table genre (id integer primary key, name text not null unique) strict;

-- what the source says; cleaning never writes here
create table movie (
  id integer primary key,
  key text not null,
  title text not null,
  plot text not null,
  -- JSON, in the source's order and spelling
  source_genres text not null,
  -- the import that brought the movie, or changed it last
  import integer not null references import (id),
  -- 1: no longer in the source
  gone integer not null default 0
) strict;
create unique index movie_key on movie (key);

create table record (
  id integer primary key,
  file integer not null references source_file (id),
  number integer not null,
  line integer not null,
  movie integer references movie (id),
  raw text not null,
  -- UTF-16 of the exact text if it holds bytes that cannot be decoded, which raw shows as Windows-1252; null: raw is exact
  exact blob,
  -- why the record was rejected; null: accepted
  rejection text,
  -- the import whose record of the same movie replaced this one; null: current
  replaced integer references import (id)
) strict;
create index record_movie on record (movie);
create index record_file on record (file, id);
create index record_rejected on record (id) where rejection is not null;

-- what an import changed in the text of a file, or noted about it
create table import_log (
  id integer primary key,
  file integer not null references source_file (id),
  line integer not null,
  lines integer not null,
  what text not null,
  why text not null,
  before text not null,
  after text not null
) strict;

-- The words of each movie's source text with their positions, by which phrases and words of the title or the plot alone are found.
-- Marks are part of words: vowel signs in Hindi, for example.
create virtual table movie_text using fts5 (
  title, plot, content = 'movie', content_rowid = 'id', detail = full,
  tokenize = 'unicode61 remove_diacritics 2 categories ''L* N* M* Co'''
);

create table cleaning (
  id integer primary key,
  at text not null,
  rule_set text not null,
  -- null while the cleaning is being written; meta's 'cleaning' is the id of the current one
  report text,
  -- JSON: genre id -> the genre ids that this cleaning maps it to
  genre_targets text
) strict;
-- only the plots that the cleaning changed
create table cleaned_plot (
  generation integer not null references cleaning (id),
  movie integer not null,
  plot text not null,
  primary key (generation, movie)
) strict, without rowid;
-- generation 0: columns that belong to the source and to no cleaning
create table column_chunk (
  generation integer not null,
  name text not null,
  chunk integer not null,
  bytes blob not null,
  primary key (generation, name, chunk)
) strict, without rowid;

create table batch (
  id integer primary key,
  at text not null,
  who text not null,
  why text not null,
  description text not null,
  run integer,
  undoes integer references batch (id)
) strict;
create table change (
  id integer primary key,
  batch integer not null references batch (id),
  movie integer not null references movie (id),
  genre integer references genre (id),
  field text not null check (field in ('label', 'verdict', 'note', 'reviewed', 'skipped', 'flagged')),
  was text not null,
  becomes text not null
) strict;
create index change_batch on change (batch);
create index change_movie on change (movie);
${Object.values(LOG_TRIGGERS)
  .map((sql) => `${sql};`)
  .join('\n')}

create table run (
  id integer primary key,
  name text not null,
  status text not null check (status in ('running', 'done', 'cancelled', 'failed', 'interrupted')),
  created_at text not null,
  elapsed_ms integer,
  config text not null,
  parent integer references run (id),
  genres text not null,
  thresholds text not null,
  scales text not null,
  corrections integer not null,
  last_batch integer not null,
  features integer not null,
  summary text,
  error text,
  -- JSON of a TrainingLog; null: none was written
  log text
) strict;
create table model (
  run integer primary key references run (id),
  bytes blob not null,
  -- name of the model's folder in models/trained of the data folder; bytes are empty then
  folder text
) strict;
-- what services answered about movies: suggestions beside the catalogue
create table answer (
  id integer primary key,
  movie integer not null references movie (id),
  task text not null check (task in ('condense', 'zero-shot', 'second-opinion', 'translate', 'plot')),
  service text not null,
  model text not null,
  -- SHA-256 of the address and the body of the request: the same one is not sent twice
  request text not null,
  -- SHA-256 of the title and the plot that were sent
  content text not null,
  at text not null,
  -- JSON
  answer text not null,
  -- 1: a plot that stands in the place of the source's missing one
  accepted integer not null default 0
) strict;
create unique index answer_request on answer (request, movie);
create index answer_movie on answer (movie);
create unique index answer_accepted on answer (movie) where accepted = 1;
-- many movies per row; float32 little endian, (movies, genres of the run)
create table prediction (
  run integer not null references run (id),
  chunk integer not null,
  movies blob not null,
  probabilities blob not null,
  evidence blob not null,
  primary key (run, chunk)
) strict, without rowid;
`
