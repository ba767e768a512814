// Every text of the assistant in both languages; `{0}` marks the place of a value.

const ZH = {
  lang: "zh-Hans",
  launch: "问助手",
  title: "指南助手",
  close: "关闭",
  fresh: "新对话",
  person: "转人工",
  notice: "人工智能辅助回答，请以所引指南为准",
  welcome: "您好，请用平常的话写下想办的事。我只按已发布的指南回答，并写明出处；指南里没有的，会告诉您找谁。",
  transcript: "对话记录",
  you: "您问",
  assistant: "助手回答",
  label: "请写下您的问题",
  hint: "按回车键发送，按 Shift 加回车键换行。",
  privacy: "请勿输入身份证号等个人信息。",
  send: "发送",
  counter: "已写 {0} 字，最多 {1} 字",
  busy: "正在回答",
  ready: "回答完成",
  failed: "没有得到回答，请看说明",
  outcome: {
    answered: "已按指南回答",
    partial: "只能回答一部分，文中写明缺少什么",
    clarify: "请您选一项，或者说得更具体",
    abstained: "没有找到能回答的指南",
    refused: "这件事助手不能帮忙",
    handover: "这件事需要人来处理",
  },
  paused: "助手暂停使用，请联系工作人员",
  choices: "可选的问题",
  sources: "出处",
  mark: "出处{0}：{1}",
  quote: "查看指南原文",
  version: "第{0}版",
  reviewed: "复核日期 {0}",
  owner: "负责单位 {0}",
  newTab: "（在新窗口打开）",
  more: "相关指南",
  contact: "联系方式",
  phone: "电话",
  hours: "时间",
  complaint: "投诉电话",
  page: "办事页面",
  hotline: "12345热线",
  copy: "复制回答",
  copied: "已复制",
  copyFailed: "没有复制成功，请用鼠标选中文字复制",
  useful: "有用",
  useless: "没用",
  rate: "评价这个回答",
  thanks: "谢谢您的评价。",
  why: "谢谢您的评价。哪里不好？可以不选。",
  reason: { wrong: "内容有误", unclear: "看不明白", missing: "缺少内容", other: "其他" },
  rateFailed: "评价没有送出，请稍后再试。",
  forget: {
    ask: "删除这次提问",
    sure: "删除这次提问和回答？删除后不能恢复。已经转人工的请求另外保存，不会一起删除。",
    yes: "删除",
    no: "保留",
    busy: "正在删除",
    done: "这次提问和回答已经删除。",
    gone: "服务器上没有这次提问的记录，本页上的也已经删去。",
    error: {
      network: "现在连不上服务器，没有删除。请检查网络后再试。",
      session: "您的登录已经结束，没有删除。再按一次“删除”就可以，不用登录。",
      many: "操作太密集了，没有删除。请{0}后再试。",
      manyLater: "操作太密集了，没有删除。请过一会儿再试。",
      server: "服务器没有删除，请稍后再试。",
    },
  },
  ask: "请工作人员答复",
  askQuestion: "您的问题",
  askContact: "联系电话或邮箱（可以不填）",
  askSend: "提交",
  cancel: "取消",
  asked: "已经转给工作人员",
  number: "编号",
  code: "查询码",
  keep: "请把编号和查询码都记下来。查看答复时两样都要用，查询码只显示这一次。",
  due: "答复期限 {0}",
  askEmpty: "请先写下您的问题。",
  retry: "再试一次",
  error: {
    network: "现在连不上助手。请检查网络后再试。",
    absent: "这个网站没有开通在线助手。您可以继续查看指南。",
    cut: "回答没有传完，为免误导，未完成的内容已经删去。",
    slow: "等了很久没有收到回答。",
    many: "提问太密集了，请{0}后再试。",
    manyLater: "提问太密集了，请过一会儿再试。",
    busy: "现在提问的人太多，暂时排不上队。请{0}后再试。",
    busyLater: "现在提问的人太多，暂时排不上队。请过一会儿再试。",
    session: "您的登录已经结束。请重新登录；也可以不登录再问一次，这时只按公开的指南回答。",
    signin: "您的登录或密钥已经失效，请重新登录后再试。",
    forbidden: "服务器不允许这样提问。请刷新本页再试；还是不行，请联系工作人员。",
    input: "这个问题没有被接受，请改短或换个说法。",
    server: "助手出了故障，请稍后再试。",
  },
  signIn: "工作人员登录",
  signInPage: "/sign-in?lang=zh",
  call: "也可以拨打12345热线，每天24小时有人接听：",
};

const EN = {
  lang: "en",
  launch: "Ask",
  title: "Assistant",
  close: "Close",
  fresh: "Start over",
  person: "Ask a person",
  notice: "AI-assisted answers: the cited guide is what counts",
  welcome: "Hello. Say in everyday words what you want to do. I answer only from published guides and name my sources. Where no guide helps, I tell you who can.",
  transcript: "Conversation",
  you: "You asked",
  assistant: "The assistant answered",
  label: "Your question",
  hint: "Press Enter to send, Shift and Enter for a new line.",
  privacy: "Do not enter ID numbers or other personal details.",
  send: "Send",
  counter: "{0} of {1} characters",
  busy: "Answering",
  ready: "Answer ready",
  failed: "No answer: please read the message",
  outcome: {
    answered: "Answered from the guides",
    partial: "Answered in part; the text says what is missing",
    clarify: "Please choose one, or say more",
    abstained: "No guide answers this",
    refused: "The assistant cannot help with this",
    handover: "This needs a person",
  },
  paused: "The assistant is paused; please contact the staff",
  choices: "Questions to choose from",
  sources: "Sources",
  mark: "Source {0}: {1}",
  quote: "Show the words of the guide",
  version: "Version {0}",
  reviewed: "Reviewed on {0}",
  owner: "Owned by {0}",
  newTab: " (opens in a new window)",
  more: "Related guides",
  contact: "Contact",
  phone: "Phone",
  hours: "Hours",
  complaint: "Complaints",
  page: "Web page",
  hotline: "Hotline 12345",
  copy: "Copy answer",
  copied: "Copied",
  copyFailed: "Could not copy: please select the text",
  useful: "Useful",
  useless: "Not useful",
  rate: "Rate this answer",
  thanks: "Thank you for your rating.",
  why: "Thank you. What was wrong? You need not say.",
  reason: { wrong: "It is wrong", unclear: "It is unclear", missing: "Something is missing", other: "Something else" },
  rateFailed: "Your rating was not sent. Please try again later.",
  forget: {
    ask: "Delete this question",
    sure: "Delete this question and its answer? This cannot be undone. A request that you handed to staff is kept apart and is not deleted.",
    yes: "Delete",
    no: "Keep",
    busy: "Deleting",
    done: "This question and its answer are deleted.",
    gone: "The server holds no record of this question; it is now gone from this page too.",
    error: {
      network: "The server cannot be reached; nothing was deleted. Please check your connection and try again.",
      session: "Your session has ended; nothing was deleted. Press “Delete” once more: you need not sign in.",
      many: "Too much at once; nothing was deleted. Please try again in {0}.",
      manyLater: "Too much at once; nothing was deleted. Please try again a little later.",
      server: "The server did not delete it. Please try again later.",
    },
  },
  ask: "Ask a member of staff",
  askQuestion: "Your question",
  askContact: "Phone or e-mail (optional)",
  askSend: "Submit",
  cancel: "Cancel",
  asked: "Handed to a member of staff",
  number: "Number",
  code: "Look-up code",
  keep: "Please note down both the number and the code. You need both to see the reply, and the code is shown only once.",
  due: "Reply due by {0}",
  askEmpty: "Please write your question first.",
  retry: "Try again",
  error: {
    network: "The assistant cannot be reached. Please check your connection and try again.",
    absent: "This site has no online assistant. You can still read the guides.",
    cut: "The answer broke off. The unfinished text was removed so that it cannot mislead.",
    slow: "No answer came for a long time.",
    many: "Too many questions just now. Please try again in {0}.",
    manyLater: "Too many questions just now. Please try again a little later.",
    busy: "Too many people are asking just now. Please try again in {0}.",
    busyLater: "Too many people are asking just now. Please try again a little later.",
    session: "Your session has ended. Sign in again, or ask again without signing in: the answer then rests on open guides only.",
    signin: "Your sign-in or key is no longer valid. Please sign in again.",
    forbidden: "The server does not allow this question. Please reload this page and try again; if that does not help, contact the staff.",
    input: "This question was not accepted. Please make it shorter or word it differently.",
    server: "The assistant has a fault. Please try again later.",
  },
  signIn: "Staff sign-in",
  signInPage: "/sign-in?lang=en",
  call: "You can also call hotline 12345, answered by people 24 hours a day:",
};

/** The texts for a page language: English for `en…`, Chinese otherwise. */
export function wordsFor(lang) {
  return /^en\b/i.test(lang || "") ? EN : ZH;
}

/** A text with `{0}`, `{1}` … replaced by the values in order. */
export function fill(text, ...values) {
  return text.replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)]));
}

/** What went wrong, in the words of `texts`: with the time to wait where the server named one. */
export function errorText(error, words, texts = words.error) {
  const timeless = error.seconds ? undefined : texts[`${error.kind}Later`];
  return fill(timeless || texts[error.kind] || texts.server, wait(error.seconds, words));
}

/** Seconds as people say them. */
function wait(seconds, words) {
  const [unit, size] = seconds < 120 ? ["second", 1] : seconds < 7200 ? ["minute", 60] : ["hour", 3600];
  const form = new Intl.NumberFormat(words.lang, { style: "unit", unit, unitDisplay: "long" });
  return form.format(Math.ceil(seconds / size));
}

/** What the server itself said, which comes as “中文 / English”, in the page's language. */
export function saidIn(error, words) {
  const half = (text) => {
    const halves = text.split(" / ");
    return halves.length === 2 ? halves[words === EN ? 1 : 0] : text;
  };
  return error.said.map(half).filter(Boolean).join(" ");
}
