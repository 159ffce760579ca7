// Looking a target up finds what comparing it with every permission finds.
import t from 'tap'
import fc from 'fast-check'
import { indexFiles, isCovered } from '../../../lib/policy/java/file-index.js'
import {
  fileTargetCovers,
  readFileTarget,
  type FilePermission,
} from '../../../lib/policy/java/file-permission.js'

const target = fc
  .oneof(
    { weight: 1, arbitrary: fc.constant('<<ALL FILES>>') },
    {
      weight: 20,
      arbitrary: fc
        .tuple(fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }), fc.constantFrom('', '/*', '/-'))
        .map(([parts, end]) => `/${parts.join('/')}${end}`),
    },
  )
  .map(readFileTarget)
const action = fc.constantFrom('read', 'write', 'delete')
const permission: fc.Arbitrary<FilePermission> = fc.record({
  target,
  actions: fc.uniqueArray(action, { minLength: 1 }),
})

t.test('a look-up says what a comparison says', async (t) => {
  const answers = { true: 0, false: 0 }
  fc.assert(
    fc.property(fc.array(permission, { maxLength: 6 }), action, target, (permissions, asked, place) => {
      const compared = permissions.some(
        (one) => one.actions.includes(asked) && fileTargetCovers(one.target, place),
      )
      answers[`${compared}`] += 1
      return isCovered(indexFiles(permissions), asked, place) === compared
    }),
    { numRuns: 3000 },
  )
  t.ok(answers.true > 300 && answers.false > 300, JSON.stringify(answers))
})
