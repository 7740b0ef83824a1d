/** Names that catalogues commonly give to genres: evidence for guesses, never a rule about what a genre may be called. */
const NAMES = `action|adventure|animation|anime|biography|biopic|children|comedy|crime|dance|disaster|documentary|drama|erotic|family|fantasy
|film noir|foreign|game show|history|holiday|horror|kids|martial arts|melodrama|music|musical|mystery|news|noir|parody|politics|reality
|reality tv|religion|road movie|romance|romantic comedy|satire|sci fi|science fiction|short|silent|soap|spy|sport|sports|superhero|supernatural
|suspense|talk|talk show|teen|thriller|travel|true crime|tv movie|war|western|zombie
|accion|aventura|aventuras|animacion|comedia|crimen|documental|familia|fantasia|historia|musica|misterio|romance|suspenso|terror|belica|guerra
|aventure|comedie|comedie dramatique|documentaire|drame|familial|fantastique|guerre|histoire|horreur|musique|mystere|policier|romantique
|abenteuer|dokumentarfilm|familie|geschichte|horrorfilm|komodie|krieg|krimi|liebesfilm|musikfilm|romanze|zeichentrick
|avventura|animazione|azione|commedia|documentario|drammatico|fantascienza|fantasy|giallo|guerra|orrore|sentimentale|storico
|aventura|acao|animacao|comedia|documentario|ficcao cientifica|faroeste|misterio
|боевик|детектив|документальный|драма|комедия|криминал|мелодрама|мультфильм|приключения|триллер|ужасы|фантастика|фэнтези
|剧情|喜剧|动作|爱情|科幻|动画|悬疑|惊悚|恐怖|犯罪|战争|奇幻|冒险|纪录片|家庭|历史|音乐|西部|アクション|アニメ|コメディ|ドラマ|ホラー|ロマンス|ファンタジー|드라마|코미디|액션|로맨스|스릴러|공포`

/** A name without case, accents, punctuation and repeated white space. */
function foldName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[\s_.\-–]+/g, ' ')
    .trim()
}

const USUAL: ReadonlySet<string> = new Set(NAMES.split(/[|\n]+/).map(foldName))

/** True if this is a common name of a genre. */
export function isUsualGenre(name: string): boolean {
  return USUAL.has(foldName(name))
}
