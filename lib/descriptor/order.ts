/**
 * The order plugins start in: what a plugin extends comes before it, names decide
 * among equals. Pure. A plugin that cannot be ordered is a fault of its own, and so
 * is every plugin that cannot do without it; all others keep their place.
 */
import type { ErrorCode, Fault } from '../errors.js'
import type { Descriptor } from './descriptor.js'

export interface Ordered {
  readonly ordered: readonly Descriptor[]
  readonly faults: readonly Fault[]
}

/** @param descriptors - good ones, no two with the same name; their order does not matter */
export function order(descriptors: readonly Descriptor[]): Ordered {
  const sorted = [...descriptors].sort((a, b) => compare(a.name, b.name))
  const byName = new Map(sorted.map((descriptor) => [descriptor.name, descriptor]))
  const faults: Fault[] = []
  const faulty = new Set<string>()
  const blame = (fault: Fault, name: string): void => {
    faults.push(fault)
    faulty.add(name)
  }
  for (const descriptor of sorted)
    for (const fault of missing(descriptor, byName)) blame(fault, descriptor.name)
  for (const descriptor of sorted) {
    const circle = circleOf(descriptor, byName)
    if (circle !== undefined) blame(circular(descriptor, circle), descriptor.name)
  }
  spread(sorted, faulty, blame)
  const good = sorted.filter(({ name }) => !faulty.has(name))
  return { ordered: sortedByNeed(good), faults }
}

function missing(descriptor: Descriptor, byName: ReadonlyMap<string, Descriptor>): readonly Fault[] {
  return descriptor.extendedPlugins.flatMap(({ name, optional }, index) =>
    optional || byName.has(name)
      ? []
      : [
          faultAt(
            'DEPENDENCY_MISSING',
            descriptor,
            index,
            `${descriptor.name} extends ${name}, which is not installed or has faults of its own`,
            `install ${name}, or make it optional: { "name": "${name}", "optional": true }`,
          ),
        ],
  )
}

/** The shortest way from a plugin back to itself, both ends included; of equals the first by the lists' order. */
function circleOf(start: Descriptor, byName: ReadonlyMap<string, Descriptor>): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const current of queue) {
    for (const { name } of current.extendedPlugins) {
      if (name === start.name) return wayTo(current.name, start.name, cameFrom)
      const next = byName.get(name)
      if (next === undefined || cameFrom.has(name)) continue
      cameFrom.set(name, current.name)
      queue.push(next)
    }
  }
  return undefined
}

function wayTo(last: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [start]
  for (let at = last; at !== start; at = cameFrom.get(at) ?? start) way.unshift(at)
  return [start, ...way]
}

function circular(descriptor: Descriptor, circle: readonly string[]): Fault {
  const index = descriptor.extendedPlugins.findIndex(({ name }) => name === circle[1])
  return faultAt(
    'DEPENDENCY_CYCLE',
    descriptor,
    index,
    `the plugins extend each other in a circle: ${circle.join(' -> ')}`,
    'remove one of these entries',
  )
}

/** Whoever needs a faulty plugin is faulty too, and so on. */
function spread(
  sorted: readonly Descriptor[],
  faulty: ReadonlySet<string>,
  blame: (fault: Fault, name: string) => void,
): void {
  for (let before = -1; before !== faulty.size;) {
    before = faulty.size
    for (const descriptor of sorted) {
      if (faulty.has(descriptor.name)) continue
      const index = descriptor.extendedPlugins.findIndex(
        ({ name, optional }) => !optional && faulty.has(name),
      )
      const broken = descriptor.extendedPlugins[index]?.name
      if (broken === undefined) continue
      const message = `${descriptor.name} extends ${broken}, which cannot be started`
      const remedy = `mend ${broken} first, or make it optional`
      blame(faultAt('DEPENDENCY_MISSING', descriptor, index, message, remedy), descriptor.name)
    }
  }
}

/** Kahn's algorithm; `good` is sorted and free of circles, so each round finds one. */
function sortedByNeed(good: readonly Descriptor[]): readonly Descriptor[] {
  const waiting = new Set(good.map(({ name }) => name))
  const ordered: Descriptor[] = []
  while (waiting.size > 0) {
    const next = good.find(
      ({ name, extendedPlugins }) =>
        waiting.has(name) && !extendedPlugins.some((needed) => waiting.has(needed.name)),
    )
    if (next === undefined) break
    waiting.delete(next.name)
    ordered.push(next)
  }
  return ordered
}

function faultAt(
  code: ErrorCode,
  { dir }: Descriptor,
  index: number,
  message: string,
  remedy: string,
): Fault {
  return { code, file: `${dir}/plugin.json`, pointer: `/extendedPlugins/${index}`, message, remedy }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
