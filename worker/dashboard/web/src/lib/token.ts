// What a token claims. Nothing is verified here: the server does that when the token is used.
import { getTokenPayload, isTokenExpired } from 'pocketbase';

export { isTokenExpired };

// The claim as text; "" when it is missing or no text.
export function claim(token: string, name: string): string {
  const value: unknown = getTokenPayload(token)[name];
  return typeof value === 'string' ? value : '';
}
