"""What the assistant says itself, in Chinese and English; everything else it says is quoted.

None of these texts states a fact of a guide. The only numbers are the national emergency and help lines
(110 police, 119 fire, 120 ambulance, 122 traffic, 12356 mental health, 96110 fraud, 12388 discipline).
"""

from rag.screen import Reason

Pair = tuple[str, str]

LABEL: Pair = (
    "AI 辅助检索：内容摘自现行指南原文，不是办理凭证，以负责单位答复为准。",
    "AI-assisted search: quoted from current guides; not a decision. The responsible office's word counts.",
)

EMERGENCY: dict[Reason, Pair] = {
    Reason.EMERGENCY_GAS: (
        "请马上打 119（消防）。先离开现场，到室外再打电话。\n\n不要开关任何电器和灯，不要点火，能开窗就开窗；也可以联系燃气公司。",
        "Call 119 (fire service) now. Leave first, and call from outside.\n\nDo not touch switches or lights, light nothing, open windows if you can; you can also call the gas company.",
    ),
    Reason.EMERGENCY_FIRE: (
        "请马上打 119（消防）。先离开危险的地方。\n\n说清地址和有没有人被困；不要乘电梯，有烟时弯腰走。",
        "Call 119 (fire service) now. Get away from danger first.\n\nSay where you are and whether anybody is trapped; do not use lifts, keep low in smoke.",
    ),
    Reason.EMERGENCY_MEDICAL: (
        "请马上打 120（急救）。说清地址和病人的情况，按调度员说的做。\n\n派人到路口接救护车。",
        "Call 120 (ambulance) now. Say where you are and what happened, and do what the operator says.\n\nSend somebody to meet the ambulance.",
    ),
    Reason.EMERGENCY_CRIME: (
        "请马上打 110（报警）。先到安全的地方。\n\n不方便说话时，可以发短信报警或请身边的人帮忙。",
        "Call 110 (police) now. Get to a safe place first.\n\nIf you cannot speak, send a text to the police or ask somebody near you.",
    ),
    Reason.EMERGENCY_TRAFFIC: (
        "请马上打 122（交通事故）；有人受伤先打 120（急救）。\n\n人先到路边安全的地方，不要站在车道上。",
        "Call 122 (traffic accident) now; if anybody is hurt call 120 (ambulance) first.\n\nGo to the roadside; do not stand in the lane.",
    ),
    Reason.CRISIS: (
        "请现在就打 12356（心理援助热线）；有危险时打 110 或 120。\n\n您愿意说出来，这很重要。您不是一个人，请告诉身边信任的人，让他们陪着您。",
        "Please call 12356 (mental health line) now; in danger call 110 or 120.\n\nIt matters that you said it. You are not alone: tell somebody you trust and let them stay with you.",
    ),
    Reason.FRAUD: (
        "请马上打 96110（反诈专线）或 110（报警），并联系银行止付。\n\n不要再转账，保留聊天记录和转账凭证，不要自责。",
        "Call 96110 (anti-fraud line) or 110 (police) now, and ask your bank to stop the payment.\n\nSend no more money, keep messages and receipts; it is not your fault.",
    ),
}

HANDOVER: dict[Reason, Pair] = {
    Reason.WANTS_PERSON: ("可以由工作人员帮您。请用下面的方式联系，或点“转人工”留言。", "A member of staff can help you. Use the contact below, or leave a request with “Ask a person”."),
    Reason.DISPUTED: ("对不起，给您添麻烦了。这个回答要由人来核对，请联系下面的单位，或点“转人工”说明哪里不对。", "We are sorry for the trouble. A person must check that answer: use the contact below, or “Ask a person” and say what is wrong."),
    Reason.MISCONDUCT: ("反映干部违纪违法，可以打 12388（纪检举报）。助手不记录、不处理举报内容，也可以当面向纪检机关反映。", "To report misconduct by officials, call 12388 (discipline inspection). The assistant neither keeps nor handles reports; you can also report in person."),
    Reason.PERSONAL_CASE: ("您的个人情况要由工作人员核对后才能认定，助手不判断能否通过，也不计算金额。", "Only staff can judge your own case after checking it. The assistant does not predict decisions or compute amounts."),
    Reason.STOPPED: ("办助手现在暂停使用。指南网页照常可以看，请用下面的方式联系工作人员，或点“转人工”留言。\n\n有危险请直接打 110（报警）、119（消防）或 120（急救）。", "The assistant is paused for now. The guides can still be read; use the contact below to reach a member of staff, or leave a request with “Ask a person”.\n\nIn danger call 110 (police), 119 (fire service) or 120 (ambulance) directly."),
    Reason.ACTION: ("助手不能替您办理、修改或查询个人事项，请联系下面的单位或点“转人工”。", "The assistant cannot act for you, change records or look up your own case. Use the contact below or “Ask a person”."),
}  # fmt: skip

REFUSED: dict[Reason, Pair] = {
    Reason.SECRET: ("内容带有密级标志，不能在这里处理，也不会保存。请立即停止传输，当面交给保密工作机构。", "This text carries a secrecy mark. It cannot be handled here and is not stored. Stop sending it and hand it to the secrecy office in person."),
    Reason.RULE_CHANGE: ("我不能更改使用规则，也不能显示内部设置。您可以直接问办事问题。", "I cannot change my rules or show my settings. You can ask about a service."),
    Reason.CREDENTIALS: ("我不能提供账号、密码或密钥。忘记自己的密码，请在登录页重置或联系负责单位。", "I cannot give accounts, passwords or keys. If you forgot your own password, reset it on the sign-in page or ask the office."),
    Reason.OTHERS_DATA: ("我不能提供他人的个人信息。确有需要，请依法向有权机关提出。", "I cannot give other people's personal data. If you have a lawful need, ask the competent authority."),
    Reason.WRONGDOING: ("这件事我不能帮忙。请走合法途径；有困难可以联系下面的单位，了解能办什么。", "I cannot help with that. Please take the lawful way; the office below can tell you what is possible."),
    Reason.ABUSE: ("我想帮您把事情办好。请说说您要办什么，或联系下面的单位。", "I would like to help. Tell me what you need, or use the contact below."),
}  # fmt: skip

ABSTAINED: dict[Reason, Pair] = {
    Reason.NO_GUIDE: ("现行指南里没有找到能回答这个问题的内容，我不能猜测。您可以换个说法再问，或联系下面的单位，也可以点“转人工”。", "No current guide answers this question, and I must not guess. You can ask in other words, use the contact below, or choose “Ask a person”."),
    Reason.UNVERIFIED: ("找到的内容没有通过核对，我不能作答。请联系下面的单位。", "What was found did not pass the check, so I cannot answer. Please use the contact below."),
    Reason.LIVE_DATA: ("这需要实时信息，指南里没有，我不能猜测。办事问题可以继续问我，其他事项请联系下面的单位。", "That needs live information, which the guides do not have, and I must not guess. Ask me about services, or use the contact below."),
    Reason.FORECAST: ("以后的政策和标准我不能预测，请以负责单位公布的为准。现行规定可以继续问我。", "I cannot predict future rules or amounts; what the office publishes counts. You can ask me about the current rules."),
    Reason.OFF_TOPIC: ("我只回答办事指南里的问题。您可以说说想办什么事。", "I only answer from the service guides. Tell me what you want to do."),
}  # fmt: skip

CLARIFY: dict[Reason, Pair] = {
    Reason.SUBJECT_MISSING: ("您想问哪一件事？请选一个，或者直接说出事项名称。", "Which service do you mean? Choose one, or name it."),
    Reason.SEVERAL_FIT: ("有几件事都符合您的问题，您问的是哪一件？", "Several services fit your question. Which one do you mean?"),
    Reason.EMPTY: ("请说说您想办什么事。", "Please say what you want to do."),
}  # fmt: skip

ASIDES = frozenset({Reason.LIVE_DATA, Reason.FORECAST, Reason.OFF_TOPIC})
"""Reasons that spoil one clause of a question, not the rest of it."""

CALL: Pair = ("可以打电话问：", "You can call: ")
MISSING: Pair = (
    "没有找到这部分的依据，请联系负责单位：",
    "No guide answers this part, please ask the office: ",
)
OTHER_PART: Pair = ("其他部分", "the rest of the question")
RULE_BELOW: Pair = ("现行规定是：", "The rule is:")
PERHAPS: Pair = (
    "不一定正是您要问的，请核对来源。最接近的规定是：",
    "This may not be exactly what you asked, so please check the source. The nearest rule is:",
)
