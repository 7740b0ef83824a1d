/** The first layout of a project file. Labels are never overwritten: `change` is append-only and triggers see to it. */
export const PROJECT = `
create table meta (key text primary key, value text not null) strict, without rowid;

create table source_file (
  id integer primary key,
  name text not null,
  -- where it lay when it was imported: an export never goes there
  path text not null,
  role text not null check (role in ('movies', 'genres', 'themes')),
  bytes integer not null,
  delimiter text not null,
  bom integer not null,
  header text not null,
  columns text not null,
  genres_column text,
  id_column text,
  genre_syntax text not null
) strict;

create table genre (id integer primary key, name text not null unique) strict;

create table movie (
  id integer primary key,
  key text not null unique,
  title text not null,
  -- what cleaning made of the source; source_plot is null where it left the plot as it was
  plot text not null,
  source_plot text,
  source_genres text not null,
  -- genre ids after cleaning, uint16 little endian
  labels blob not null,
  split integer not null,
  out text,
  duplicate_of integer
) strict;
create index movie_title on movie (title collate nocase) where out is null;

create table record (
  id integer primary key,
  file integer not null references source_file (id),
  number integer not null,
  line integer not null,
  movie integer references movie (id),
  raw text not null,
  set_aside text
) strict;
create index record_movie on record (movie);
create index record_file on record (file, id);

-- which movies hold a word, not where: a quarter of the size. The first letters of a word being typed have lists of their own.
create virtual table movie_text using fts5 (
  title, plot, content = 'movie', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', detail = none, prefix = '1 2 3'
);

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
  field text not null check (field in ('label', 'verdict', 'reviewed', 'note')),
  was text not null,
  becomes text not null
) strict;
create index change_batch on change (batch);
create index change_movie on change (movie);
create trigger change_stays before update on change begin select raise(abort, 'the change log is append-only'); end;
create trigger change_kept before delete on change begin select raise(abort, 'the change log is append-only'); end;
create trigger batch_stays before update on batch begin select raise(abort, 'the change log is append-only'); end;
create trigger batch_kept before delete on batch begin select raise(abort, 'the change log is append-only'); end;

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
  error text
) strict;
create table model (run integer primary key references run (id), bytes blob not null) strict;
create table prediction (
  run integer not null references run (id),
  movie integer not null references movie (id),
  -- float32 little endian, one for each genre of the run
  probabilities blob not null,
  evidence blob not null,
  primary key (run, movie)
) strict, without rowid;
`
