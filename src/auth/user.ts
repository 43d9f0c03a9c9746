/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Kuma's group of everybody who proved who they are. */
export const authenticatedGroup = 'mesh-system:authenticated';
/** Kuma's group of everybody who did not. */
export const unauthenticatedGroup = 'mesh-system:unauthenticated';
/** Kuma's name of the administrator, and of the group of administrators. */
export const adminName = 'mesh-system:admin';

/** Who calls from the machine itself. */
export const adminUser: User = { name: adminName, groups: [adminName, authenticatedGroup] };
/** Who does not say who they are. */
export const anonymousUser: User = { name: 'mesh-system:anonymous', groups: [unauthenticatedGroup] };

/** Whether somebody did not say who they are: everybody else has the group of those who did. */
export function isAnonymous({ groups }: User): boolean {
  return !groups.includes(authenticatedGroup);
}

/** How users are named in messages: `bob/guests,mesh-system:authenticated`. */
export function userText(user: User): string {
  return `${user.name}/${user.groups.join(',')}`;
}
