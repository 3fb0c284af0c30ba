/** Asks every member of the cluster the same. */
import { readMembers, type MemberRow } from "./admin.ts";
import { askAdmin } from "./ask.ts";
import { EXIT, Failure, wordsOf } from "./failure.ts";

/** Longer than a member takes to give up on others. */
export const ADMIN_MS = 10_000;

/** What one member said; `answer` is null when it said nothing of use. */
export interface Told<T> {
  readonly member: MemberRow;
  readonly answer: T | null;
  /** Why there is none; empty when the member could not be reached. */
  readonly error: string;
}

/** `ask` is given the address of one member. */
export async function tellEach<T>(
  servers: readonly string[],
  ask: (server: string) => Promise<T>,
): Promise<Told<T>[]> {
  const { value } = await askAdmin(servers, ADMIN_MS, "MEMBERS");
  return Promise.all(
    readMembers(value).map(async (member) => {
      try {
        return { member, answer: await ask(member.resp), error: "" };
      } catch (error) {
        const silent = error instanceof Failure && error.exitCode === EXIT.unreachable;
        return { member, answer: null, error: silent ? "" : wordsOf(error) };
      }
    }),
  );
}

/** Why a member is missing from an answer. */
export function noAnswer({ error }: { readonly error: string }): string {
  return error === "" ? "no answer" : error;
}
