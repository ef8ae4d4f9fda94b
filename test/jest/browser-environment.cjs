const { TestEnvironment } = require('jest-environment-jsdom');

/** jsdom with what browsers have and it has not, and no canvas: charts are drawn as SVG. */
module.exports = class BrowserEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.structuredClone = structuredClone;
    this.global.HTMLCanvasElement.prototype.getContext = () => null;
  }
};
