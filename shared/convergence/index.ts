export {
  type ApplyAnswer,
  type ApplyRequest,
  type Change,
  type ChangeKind,
  changeKinds,
  mostChanges,
  type Outcome,
} from './model.ts';
