export { type ApplyAnswer, type ApplyRequest, type Change, mostChanges, type Outcome } from './model.ts';
