/** What went wrong, as RFC 9457 has it: `application/problem+json`. */
import { STATUS_CODES } from "node:http";

export const PROBLEM_TYPE = "application/problem+json";

export function problemText(
  status: number,
  detail: string,
  more: Readonly<Record<string, string | readonly string[]>> = {},
): string {
  return `${JSON.stringify({ type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, ...more })}\n`;
}
