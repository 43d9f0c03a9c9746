import { describe, expect, it } from 'vitest';
import { errorBody } from './errors.ts';
import { nextLink, pageRange, pageRequest } from './pagination.ts';

function read(query: string) {
  return pageRequest(new URLSearchParams(query));
}

function refusal(query: string) {
  try {
    read(query);
  } catch (error) {
    return errorBody(error);
  }
  return undefined;
}

describe('pages', () => {
  it.each<[query: string, size: number, offset: number]>([
    ['', 100, 0],
    ['size=&offset=', 100, 0],
    ['size=7', 7, 0],
    ['size=%2B7', 7, 0],
    ['size=1000&offset=3', 1000, 3],
    ['size=0', 1000, 0],
    ['size=-1', -1, 0],
  ])('reads %j', (query, size, offset) => {
    expect(read(query)).toEqual({ size, offset });
  });

  it.each([
    ['size=many', 'invalid format'],
    ['size=1.5', 'invalid format'],
    ['size=1e2', 'invalid format'],
    ['size=99999999999999999999', 'invalid format'],
    ['size=1001', 'invalid page size of 1001. Maximum page size is 1000'],
  ])('refuses %j', (query, reason) => {
    expect(refusal(query)).toMatchObject({
      status: 400,
      title: 'Could not retrieve resources',
      detail: 'Invalid page size',
      invalid_parameters: [{ field: 'size', reason }],
    });
  });

  it.each(['offset=x', 'offset=-1', 'offset=1.5', 'offset=99999999999999999999'])('refuses %j', (query) => {
    expect(refusal(query)).toMatchObject({ status: 400, title: 'Could not retrieve resources' });
  });

  it.each<
    [size: number, offset: number, total: number, start: number, end: number, next: number | undefined]
  >([
    [3, 0, 7, 0, 3, 3],
    [3, 6, 7, 6, 7, undefined],
    [7, 0, 7, 0, 7, undefined],
    [2, 99, 7, 7, 7, undefined],
    [-1, 0, 7, 0, 0, -1],
    [10, 0, 0, 0, 0, undefined],
  ])('cuts %i from %i of %i', (size, offset, total, start, end, next) => {
    expect(pageRange({ size, offset }, total)).toEqual({ start, end, next });
  });

  it('links to the next page as the reference does: parameters by name, escaped as Go escapes', () => {
    const url = "http://host:5681/dataplanes+insights?tag=a/b:c d&size=2&offset=1&name='x'*";
    expect(nextLink(url, 3)).toBe(
      'http://host:5681/dataplanes+insights?name=%27x%27%2A&offset=3&size=2&tag=a%2Fb%3Ac+d',
    );
  });
});
