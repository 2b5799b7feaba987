// What the API says about a call that failed.
import { ClientResponseError } from 'pocketbase';

export interface Failure {
  message: string;
  fields: Record<string, string>;     // by the name of the control
}

function fieldsOf(data: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  if (typeof data !== 'object' || data === null) return fields;
  for (const [name, value] of Object.entries(data)) {
    const message: unknown = value?.message;
    if (typeof message === 'string') fields[name] = message;
  }
  return fields;
}

// `controls` are the names that the form shows errors at; what is about anything else is the message.
export function failureOf(error: unknown, controls: string[] = []): Failure {
  if (!(error instanceof ClientResponseError)) return { message: String(error), fields: {} };
  if (error.status === 0) return { message: 'The server could not be reached. Please try again.', fields: {} };
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const [name, text] of Object.entries(fieldsOf(error.response.data))) {
    if (controls.includes(name)) fields[name] = text;
    else rest.push(`${name}: ${text}`);
  }
  if (rest.length > 0) return { message: rest.join(' '), fields };      // more than the general sentence says
  const message: unknown = error.response.message;
  return { message: typeof message === 'string' && message ? message : `The server answered with ${error.status}.`, fields };
}
