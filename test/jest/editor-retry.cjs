// A real editor on a busy machine may lose a click: each of its tests gets a second try, and the first error is printed.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
