/** Shape of one row: HTTP status, whether a retry can succeed, and its words in both languages. */
export interface ErrorRow {
  readonly status: number;
  readonly retry: boolean;
  readonly title: { readonly zh: string; readonly en: string };
  /** What to do about it, where whoever refuses knows nothing better; absent = the title says it all. */
  readonly detail?: { readonly zh: string; readonly en: string };
}

/** Every code the gateway answers with. `docs/reference/errors.md` is held equal to this table by a test. */
export const ERROR_TABLE = {
  INVALID_INPUT: { status: 400, retry: false, title: { zh: '输入有误', en: 'Invalid input' } },
  INVALID_CONFIG: { status: 500, retry: false, title: { zh: '配置有误', en: 'Invalid configuration' } },
  UNAUTHENTICATED: {
    status: 401,
    retry: false,
    title: { zh: '请先登录', en: 'Log in first' },
    detail: {
      zh: '登录已失效或尚未登录，请重新登录',
      en: 'You are not logged in, or no longer; log in again',
    },
  },
  BAD_CREDENTIALS: { status: 401, retry: false, title: { zh: '用户名或密码错误', en: 'Wrong user name or password' } },
  PASSWORD_CHANGE_REQUIRED: {
    status: 403,
    retry: false,
    title: { zh: '首次登录须修改密码', en: 'Change the password first' },
  },
  SECOND_FACTOR_REQUIRED: {
    status: 401,
    retry: false,
    title: { zh: '需要动态验证码', en: 'A one-time code is needed' },
  },
  SECOND_FACTOR_ENROLMENT_REQUIRED: {
    status: 403,
    retry: false,
    title: { zh: '管理员须先启用动态验证码', en: 'Administrators must set up one-time codes first' },
  },
  SSO_NOT_LINKED: {
    status: 403,
    retry: false,
    title: { zh: '此身份尚未关联账号', en: 'This identity is not linked to an account' },
  },
  SSO_REFUSED: { status: 401, retry: false, title: { zh: '单点登录未通过', en: 'The single sign-on was refused' } },
  SSO_UNAVAILABLE: {
    status: 503,
    retry: true,
    title: { zh: '单点登录服务暂不可用', en: 'The single sign-on service cannot be used now' },
  },
  FORBIDDEN: {
    status: 403,
    retry: false,
    title: { zh: '无权操作', en: 'Not allowed' },
    detail: {
      zh: '您的账号没有此项权限，如需办理请联系管理员',
      en: 'Your account has no right to do this; ask an administrator',
    },
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    title: { zh: '未找到', en: 'Not found' },
    detail: {
      zh: '该对象不存在，或不在您的权限范围内',
      en: 'It does not exist, or lies outside what you may see',
    },
  },
  METHOD_NOT_ALLOWED: { status: 405, retry: false, title: { zh: '不支持此方法', en: 'Method not allowed' } },
  REQUEST_TIMEOUT: { status: 408, retry: true, title: { zh: '请求超时', en: 'The request took too long to arrive' } },
  CONFLICT: {
    status: 409,
    retry: false,
    title: { zh: '与现有数据冲突', en: 'Conflicts with existing data' },
    detail: {
      zh: '数据已有变化或与现有数据冲突，请刷新后重试',
      en: 'The data have changed or conflict with existing data; reload and try again',
    },
  },
  TRANSITION_NOT_ALLOWED: {
    status: 409,
    retry: false,
    title: { zh: '当前阶段不允许此操作', en: 'Not allowed in this stage' },
  },
  ACCEPTANCE_NOT_MET: {
    status: 409,
    retry: true,
    title: { zh: '尚未达到验收条件', en: 'The device has not shown what its acceptance needs' },
  },
  VENDOR_ACCESS_ENDED: {
    status: 403,
    retry: false,
    title: { zh: '厂商账号不可用', en: 'The vendor may not work now' },
  },
  QUOTA_EXCEEDED: {
    status: 409,
    retry: false,
    title: { zh: '已达到配额上限', en: 'A quota is used up' },
  },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    retry: false,
    title: { zh: '幂等键对应的内容不同', en: 'Idempotency-Key was used with another body' },
  },
  UNPROCESSABLE: { status: 422, retry: false, title: { zh: '缺少必要内容', en: 'Something required is missing' } },
  PAYLOAD_TOO_LARGE: { status: 413, retry: false, title: { zh: '内容过大', en: 'Payload too large' } },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retry: false,
    title: { zh: '不支持的内容类型', en: 'Unsupported content type' },
  },
  TOO_MANY_REQUESTS: { status: 429, retry: true, title: { zh: '请求过于频繁', en: 'Too many requests' } },
  UNAVAILABLE: { status: 503, retry: true, title: { zh: '服务暂不可用', en: 'Temporarily unavailable' } },
  NODE_AWAY: {
    status: 503,
    retry: true,
    title: { zh: '负责该设备的进程不在线', en: 'The process in charge of this device is away' },
    detail: {
      zh: '请约 10 秒后重试，届时由其他视频进程接管；若一直如此，请启动一个 CGW_ROLES 含 video 的进程，并检查其 CGW_NODE_URL',
      en: 'Try again in about 10 seconds, when another video process has taken over; if it stays so, start a process whose CGW_ROLES has video and check its CGW_NODE_URL',
    },
  },
  SPOOL_FULL: { status: 503, retry: true, title: { zh: '缓冲已满', en: 'The spool is full' } },
  CAMERA_UNAVAILABLE: {
    status: 502,
    retry: true,
    title: { zh: '摄像机取不到画面', en: 'The camera gives no picture' },
  },
  PICTURE_DAMAGED: {
    status: 410,
    retry: false,
    title: { zh: '图片已损坏或丢失', en: 'The stored picture is damaged or lost' },
  },
  STORAGE_FULL: { status: 507, retry: true, title: { zh: '磁盘空间不足', en: 'The disk is full' } },
  INTERNAL: { status: 500, retry: false, title: { zh: '内部错误', en: 'Internal error' } },
  BACKUP_NO_KEY: {
    status: 409,
    retry: false,
    title: { zh: '没有备份密钥', en: 'No backup key' },
    detail: {
      zh: '请设置环境变量 CGW_BACKUP_KEY（至少 32 个字符的随机值，另行保管）后重启网关',
      en: 'Set CGW_BACKUP_KEY (a random value of at least 32 characters, kept elsewhere too) and restart the gateway',
    },
  },
  BACKUP_RUNNING: {
    status: 409,
    retry: true,
    title: { zh: '正在备份', en: 'A backup is under way' },
    detail: { zh: '同一时间只做一份备份，请等它结束', en: 'One backup at a time; wait until it has ended' },
  },
  BACKUP_UNREADABLE: { status: 422, retry: false, title: { zh: '备份文件不可用', en: 'The backup cannot be used' } },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;
