/** Words that catalogues write where a value is missing, in the languages of catalogues. */

/** Lower case, without the brackets and full stops around them. */
const WORDS = `n/a|na|n.a|n.d|#n/a|none|null|nil|nan|nat|\\n|set(|missing|empty|unknown|unspecified|undefined|not available|not specified|not known
|no genre|no genres|no genre listed|no genres listed|without genre|genre unknown|unknown genre|no data
|unbekannt|keine|keine angabe|keine angaben|k.a|ohne genre|kein genre|inconnu|inconnue|aucun|aucune|aucun genre|sans genre|non renseigné
|desconocido|desconocida|ninguno|ninguna|sin género|sin genero|sin datos|no disponible|sconosciuto|nessuno|nessuna|nessun genere
|non disponibile|desconhecido|desconhecida|nenhum|nenhuma|sem gênero|sem género|não disponível|onbekend|geen|geen genre|okänd|okänt|saknas
|ukendt|ukjent|ingen|tuntematon|ei tiedossa|nieznany|nieznane|brak|brak danych|neznámý|neznámé|neznámy|žádný|ismeretlen|nincs|necunoscut
|nepoznato|neznano|bilinmiyor|yok|belirtilmemiş|không rõ|tidak diketahui|tidak ada|άγνωστο|κανένα
|неизвестно|неизвестный|неизвестен|нет|нет данных|не указано|не указан|без жанра|невідомо|немає|неизвестна|непознато
|غير معروف|لا يوجد|نامشخص|לא ידוע|אין|अज्ञात|ไม่ทราบ|ไม่มี
|不明|なし|無し|ジャンルなし|該当なし|未設定|未知|未知类型|无|無|暂无|不详|不詳|其他未知|없음|미상|미정|알 수 없음|정보 없음`

const MISSING: ReadonlySet<string> = new Set(WORDS.split(/[|\n]+/))
const MAX_CHARACTERS = 40
/** Nothing but dashes, question marks and the like, or a pair of brackets. */
const EMPTY = /^(?:[-–—_?？*/.…\s]*|\[\s*\]|\{\s*\}|\(\s*\))$/

/** True if a text stands for a missing value: `N/A`, `\N`, `[]`, `-`, `(no genres listed)`, `unbekannt`, `不明`. */
export function isMissing(text: string): boolean {
  if (text.length > MAX_CHARACTERS) return false
  const word = text
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .replace(/^[([{<"']+|[)\]}>"'.…]+$/g, '')
    .trim()
  return MISSING.has(word) || EMPTY.test(text.trim())
}
