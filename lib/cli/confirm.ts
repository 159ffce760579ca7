/** A yes or no from whoever sits at the terminal. Everything but a clear yes is a no. */
import process from 'node:process'

/** Whether somebody is there to answer and sees the question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true
}

export async function confirm(message: string): Promise<boolean> {
  const clack = await import('@clack/prompts') // what nobody is asked is not loaded
  return (await clack.confirm({ message, initialValue: false })) === true
}
