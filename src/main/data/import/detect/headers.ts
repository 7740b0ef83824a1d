/** Common column names in the languages of catalogues; most specific names first. */

export type HeaderRole = 'id' | 'title' | 'plot' | 'genres' | 'split' | 'year' | 'type'

/** Lower case, without accents and without separators between words. */
const HEADERS: Readonly<Record<HeaderRole, string>> = {
  id: 'id movieid imdbid tmdbid tconst filmid showid titleid key uid identifier identifiant identificador kennung ид 编号 番号 번호',
  title:
    'title movietitle moviename primarytitle originaltitle name film movie filmname filmtitle filmtitel titre titreoriginal titulo titel ' +
    'titolo titol nombre nome nom nazwa tytul baslik filmadi название заглавие фильм 标题 標題 片名 电影名 電影名 题名 タイトル 題名 映画名 제목 영화명',
  plot:
    'plot overview description synopsis summary storyline plotsummary longdescription text plottext abstract resume sinopsis resumen ' +
    'descripcion argumento trama handlung inhalt beschreibung zusammenfassung inhaltsangabe sinossi descrizione sinopse descricao resumo ' +
    'samenvatting opis fabula ozet konu описание сюжет аннотация 剧情 剧情简介 简介 内容简介 描述 あらすじ 内容 概要 줄거리 시놉시스',
  genres:
    'genre genres category categories label labels tags class listedin genero generos genere generi gattung kategorie kategorien categoria ' +
    'categorias categorie gatunek gatunki tur turler genrer жанр жанры 类型 類型 题材 分类 ジャンル 장르',
  split: 'split subset partition',
  year:
    'year releaseyear startyear yearofrelease productionyear releasedate date released datepublished annee anneedesortie ano anio jahr ' +
    'erscheinungsjahr anno jaar rok yil год 年份 年 公開年 上映年 연도',
  type: 'type titletype mediatype contenttype format kind typ tipo typus тип 种类 种別 유형',
}

const NAMES: ReadonlyMap<HeaderRole, readonly string[]> = new Map(
  Object.entries(HEADERS).map(([role, names]): [HeaderRole, string[]] => [role as HeaderRole, names.split(' ').map(foldHeader)]),
)

const namesOf = (role: HeaderRole): readonly string[] => NAMES.get(role) ?? []

/** A header name in lower case, without accents and without separators between its words. */
export function foldHeader(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\p{M}\p{P}\p{Z}\p{S}_]+/gu, '')
    .toLowerCase()
}

/** The columns with one of the role's names, most specific name first. */
export function columnsCalled(role: HeaderRole, columns: readonly string[]): string[] {
  const byName = new Map(columns.toReversed().map((column) => [foldHeader(column), column]))
  return namesOf(role).flatMap((name) => byName.get(name) ?? [])
}

/**
 * The columns whose name contains one of the role's names as a word, as `movie_plot_en` contains plot; shortest name first. Exact matches
 * are left out.
 */
export function columnsMentioning(role: HeaderRole, columns: readonly string[]): string[] {
  const names = new Set(namesOf(role).filter((name) => !VAGUE.has(name)))
  const mentions = (column: string): boolean => !names.has(foldHeader(column)) && wordsOf(column).some((word) => names.has(word))
  return columns.filter(mentions).sort((a, b) => a.length - b.length)
}

/** Words that are no evidence as part of a longer name: `director_name`, `movie_url`. */
const VAGUE = new Set(
  'name film movie nom nome nombre nazwa key label labels class tags category categories text format kind konu date'.split(' '),
)

function wordsOf(column: string): string[] {
  return column
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .split(/[\p{P}\p{Z}\p{S}_]+/u)
    .map(foldHeader)
}
