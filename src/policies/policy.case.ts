export { parse, verdict } from '../model/spec.case.ts';
