import fc from 'fast-check';
import { labelPlaces } from '../../../src/charts/label-places';

const plot = { width: 400, height: 300, lineHeight: 14 };

/** left, right, top and bottom of a label's text */
function boxes(points: readonly { readonly x: number; readonly y: number; readonly width: number }[]): number[][] {
  return labelPlaces(points, points, plot).map(({ dx, dy, align }, index) => {
    const { x, y, width } = points[index]!;
    const left = x + dx - { left: 0, center: width / 2, right: width }[align];
    return [left, left + width, y + dy - 7, y + dy + 7];
  });
}

test('a label that stands alone is above its point on the right, near the edge on the left, without a line', () => {
  expect(labelPlaces([{ x: 200, y: 150, width: 40 }, { x: 390, y: 150, width: 40 }], [], plot)).toMatchObject([{ align: 'left', isAway: false }, { align: 'right', isAway: false }]);
});

test('labels cover neither each other nor the edge, however near their points are', () => {
  const near = fc.record({ x: fc.integer({ min: 180, max: 220 }), y: fc.integer({ min: 130, max: 170 }), width: fc.integer({ min: 20, max: 70 }) });
  fc.assert(fc.property(fc.array(near, { minLength: 2, maxLength: 5 }), (points) => {
    const taken = boxes(points);
    for (const [index, [left, right, top, bottom]] of taken.entries()) {
      expect([left! >= 0, right! <= plot.width, top! >= 0, bottom! <= plot.height]).toEqual([true, true, true, true]);
      for (const other of taken.slice(0, index)) expect(left! < other[1]! && other[0]! < right! && top! < other[3]! && other[2]! < bottom!).toBe(false);
    }
  }));
});

test('a label that has to go away from its point is led to', () => {
  const crowd = Array.from({ length: 9 }, () => ({ x: 200, y: 150, width: 60 }));
  expect(labelPlaces(crowd, crowd, plot).some(({ isAway }) => isAway)).toBe(true);
});
