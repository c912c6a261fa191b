/** A model that somebody chose, tried where it can be ended. */
import { Failure } from "../i18n/failure";
import { WorkerClient } from "../workers/client";

const PATIENCE = 15; // seconds for two predictions

/** A Failure where a model does not answer; other faults are said when it is opened. */
export async function tryModel(name: string, file: Uint8Array): Promise<void> {
  const client = new WorkerClient(
    (options) =>
      new Worker(new URL("../workers/trial.worker.ts", import.meta.url), {
        ...options,
        type: "module",
      }),
  );
  const options = { patience: PATIENCE, silence: "modelSilent", values: { name } } as const;
  try {
    await client.call("open", { name, file }, options);
  } catch (error) {
    if (error instanceof Failure && error.key === "modelSilent") throw error;
  } finally {
    client.end();
  }
}
