// Owns: a promise that is settled from outside; Node 20 has no Promise.withResolvers.

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (problem: Error) => void;
}

export function newDeferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (problem: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onProblem) => {
    resolve = onValue;
    reject = onProblem;
  });
  return { promise, resolve, reject };
}
