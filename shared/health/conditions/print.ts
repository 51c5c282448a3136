import type { Condition, Literal, Operand, Path, Source } from './condition.ts';

/** A condition in its usual spelling; parsing it gives the same condition again. */
export const printCondition = ({ left, operator, right }: Omit<Condition, 'text'>): string =>
  `${printOperand(left)} ${operator} ${printOperand(right)}`;

export const printSource = (source: Omit<Source, 'text'>): string => printPath(source);

export const printOperand = (operand: Operand): string => {
  if ('len' in operand) return `len(${printPath(operand.len)})`;
  if ('of' in operand) return printPath(operand);
  if ('list' in operand) return `[${operand.list.map(printLiteral).join(', ')}]`;
  return 'from' in operand ? `${operand.from}..${operand.to}` : printLiteral(operand.literal);
};

const printPath = ({ of, path }: Path): string =>
  `[${of}]${path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(step) ? `.${step}` : `[${quoted(step)}]`;
    })
    .join('')}`;

const printLiteral = (literal: Literal): string =>
  typeof literal === 'string' ? quoted(literal) : String(literal);

const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}|\p{Cs}/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
