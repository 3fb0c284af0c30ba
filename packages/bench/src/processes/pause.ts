/** Waiting. Where an event tells that something has happened, wait for the event instead. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
