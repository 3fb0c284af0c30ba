/** Why the storage engine does not open; the text names the next step. */
export type EngineRefusalCode = "IN_USE" | "ENGINE_LIBRARY" | "ENGINE_MISSING" | "ENGINE_DAMAGED";

export interface EngineRefusal {
  readonly code: EngineRefusalCode;
  readonly text: string;
}
