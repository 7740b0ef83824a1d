/** The headless composition root: `reelabel <verb> PROJECT.reel …`. */
import { EXIT } from './cli/output.ts'
import { reelabel } from './cli/program.ts'

// a reader that closes the pipe early (`| head`) is not an error
process.stdout.on('error', (e: NodeJS.ErrnoException) => process.exit(e.code === 'EPIPE' ? EXIT.ok : EXIT.defect))
process.exitCode = await reelabel(process.argv.slice(2))
