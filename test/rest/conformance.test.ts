import { createApiFixture } from '../support/api-fixture.ts';
import { conformanceCases } from './conformance.case.ts';

conformanceCases('in process, embedded engine', async () => {
  const api = await createApiFixture(['default']);
  return { ...api, stop: api.close };
});
