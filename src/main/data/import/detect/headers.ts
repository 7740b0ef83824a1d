/** Common column names in the languages of catalogues; most specific names first. */

/** `other`: texts other than plots. */
export type HeaderRole = 'id' | 'title' | 'plot' | 'genres' | 'split' | 'year' | 'type' | 'other'

/** Lower case, without accents and without separators between words. */
const HEADERS: Readonly<Record<HeaderRole, string>> = {
  id: 'id movieid imdbid tmdbid tconst filmid showid titleid key uid identifier identifiant identificador kennung ид 编号 番号 번호',
  title:
    'title movietitle moviename primarytitle originaltitle name film movie filmname filmtitle filmtitel titre titreoriginal titulo titel ' +
    'titolo titol nombre nome nom nazwa tytul baslik filmadi название заглавие фильм 标题 標題 片名 电影名 電影名 题名 タイトル 題名 映画名 제목 영화명',
  plot:
    'plot overview description synopsis summary storyline plotsummary fullplot logline longdescription desc text content plottext abstract ' +
    'resume sinopsis resumen descripcion argumento trama handlung inhalt beschreibung zusammenfassung inhaltsangabe kurzbeschreibung ' +
    'intrigue histoire sinossi descrizione sinopse descricao enredo resumo samenvatting beschrijving opis fabula popis leiras rezumat ' +
    'descriere handling beskrivning beskrivelse sammanfattning juoni kuvaus ozet konu aciklama περιληψη υποθεση описание сюжет аннотация ' +
    'опис תקציר תיאור الوصف وصف ملخص القصة mota noidung tomtat เรื่องย่อ 剧情 劇情 剧情简介 劇情簡介 简介 簡介 内容简介 梗概 描述 あらすじ ' +
    'ストーリー 内容 概要 줄거리 시놉시스 설명',
  genres:
    'genre genres genreids genreid category categories label labels tags class listedin genero generos genere generi gattung kategorie ' +
    'kategorien categoria categorias categorie subgenre subgenres gatunek gatunki tur turler genrer sjanger zanr zanry mufaj lajityyppi gen genuri ειδος жанр жанры жанри סוגה ' +
    "ז'אנר النوع التصنيف theloai ประเภท 类型 類型 题材 分类 ジャンル 장르",
  split: 'split subset partition',
  year:
    'year releaseyear startyear yearofrelease productionyear releasedate date released datepublished annee anneedesortie ano anio jahr ' +
    'erscheinungsjahr anno jaar rok yil год 年份 年 公開年 上映年 연도',
  type: 'type titletype mediatype contenttype format kind typ tipo typus тип 种类 种別 유형',
  other:
    'cast actor actors actress actresses star stars starring director directors crew writer writers author authors producer producers review ' +
    'reviews reviewtext comment comments opinion script screenplay dialogue dialog transcript subtitle subtitles lyrics quote quotes trivia ' +
    'similar recommended recommendation recommendations related keyword keywords tag tags tagline taglines award awards note notes url link ' +
    'poster image country countries language languages company companies production location locations besetzung darsteller schauspieler ' +
    'regie regisseur drehbuch kritik reparto elenco actores director guion critica resena acteurs realisateur critique avis scenario cast ' +
    'attori regista recensione sceneggiatura atores diretor roteiro obsada rezyser recenzja актеры режиссер отзыв отзывы рецензия сценарий ' +
    '主演 演员 演員 导演 導演 编剧 編劇 评论 影评 关键词 台词 キャスト 出演 出演者 監督 脚本 レビュー 출연 배우 감독 리뷰 각본',
}

/** Letters with a diacritic that Unicode does not decompose. */
const UNDECOMPOSED: Readonly<Record<string, string>> = { ł: 'l', ı: 'i', ø: 'o', đ: 'd' }
const NAMES: ReadonlyMap<HeaderRole, readonly string[]> = new Map(
  Object.entries(HEADERS).map(([role, names]): [HeaderRole, string[]] => [role as HeaderRole, names.split(' ').map(foldHeader)]),
)

const namesOf = (role: HeaderRole): readonly string[] => NAMES.get(role) ?? []

/** A header name in lower case, without accents and without separators between its words. */
export function foldHeader(name: string): string {
  // patterns of Unicode properties are slow, and a table may have thousands of columns
  if (/^[ -~]*$/.test(name)) return name.replace(/[^a-z\d]+/gi, '').toLowerCase()
  return name
    .normalize('NFD')
    .replace(/[\p{M}\p{P}\p{Z}\p{S}_]+/gu, '')
    .toLowerCase()
    .replace(/[łıøđ]/g, (letter) => UNDECOMPOSED[letter] ?? letter)
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

/** The columns whose name is or contains one of the role's names, the most specific first. */
export function columnsLike(role: HeaderRole, columns: readonly string[]): string[] {
  return [...columnsCalled(role, columns), ...columnsMentioning(role, columns)]
}

/** Words that are not evidence as part of a longer name: `director_name`, `movie_url`. */
const VAGUE = new Set(
  'name film movie nom nome nombre nazwa key label labels class tags category categories text content format kind konu date gen'.split(' '),
)
/** True for a name that is not evidence as part of a longer one, and weak evidence on its own. */
export const isVague = (column: string): boolean => VAGUE.has(foldHeader(column))

function wordsOf(column: string): string[] {
  return column
    .replace(/(\p{Ll})(?=\p{Lu})|(\p{L})(?=\d)/gu, '$& ')
    .split(/[\p{P}\p{Z}\p{S}_]+/u)
    .map(foldHeader)
}
