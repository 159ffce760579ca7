/** Runs a text in a compartment. */
import { refusal } from './attenuate/refusal.js'
import { evaluable } from './evaluable.js'

export type AnyFunction = (...args: readonly unknown[]) => unknown

/** The function of a text that is one function expression. @throws SyntaxError for any other */
export function evaluateIn(compartment: Compartment, source: string): AnyFunction {
  const made: unknown = compartment.evaluate(evaluable(source))
  if (typeof made !== 'function')
    throw refusal('ERR_PLUGIN_SCRIPT', 'The script closes the function it is wrapped in', SyntaxError)
  return made as AnyFunction
}
