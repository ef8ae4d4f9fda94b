/** Names every skipped test and each that passed at its second try, and closes with one plain line, `N passed, N failed, N skipped`. */
class PlainReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) => file.testResults.filter((test) => test.status === 'pending' || test.status === 'todo'));
    for (const test of skipped) process.stdout.write(`skipped: ${test.fullName}\n`);
    for (const test of results.testResults.flatMap((file) => file.testResults)) if (test.status === 'passed' && test.invocations > 1) process.stdout.write(`second try: ${test.fullName}\n`);
    const broken = results.testResults.filter((file) => file.testExecError || file.failureMessage && file.testResults.length === 0).length;
    process.stdout.write(`${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped.length} skipped\n`);
  }
}
module.exports = PlainReporter;
