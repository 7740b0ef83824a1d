/** The window: the screens on which an analyst reviews movies, and what all screens share. */
import { windowAuditTests } from './window-audit.ts'
import { windowFiltersTests } from './window-filters.ts'
import { windowPaletteTests } from './window-palette.ts'
import { windowQueuesTests } from './window-queues.ts'
import { windowReviewTests } from './window-review.ts'
import { windowSettingsTests } from './window-settings.ts'
import { windowShellTests } from './window-shell.ts'
import { windowSuspectsTests } from './window-suspects.ts'
import { describeWindow, open, violations } from './window-suite.ts'

describeWindow('the window, reviewing', () => {
  windowAuditTests(open, violations)
  windowFiltersTests(open, violations)
  windowPaletteTests(open, violations)
  windowQueuesTests(open, violations)
  windowReviewTests(open, violations)
  windowSettingsTests(open, violations)
  windowShellTests(open, violations)
  windowSuspectsTests(open, violations)
})
