"""What the pages of measurements say, in Chinese and in English."""

from rag.answers_report import End

WORDS = {
    "title": ("测量结果", "Measurements"),
    "made": (
        "本页由 `python -m tests.bench report` 根据 `docs/measurements/` 中的结果文件生成，请勿手工修改。重新测量用 `make bench`；公开数据放在 `DATA=目录` 里，没有时只测本站自己的指南。本页供培训和运维人员阅读，不对外发布。",
        "This page is made by `python -m tests.bench report` from the result files in `docs/measurements/`; do not edit it. Measure again with `make bench`; public data are read from `DATA=folder`, without them only our own guides are measured. It is for trainers and operators and is not published.",
    ),
    "how": (
        "括号里是 95% 置信区间（对问题做有放回抽样 2000 次，随机种子固定）。区间只说明换一批类似的问题结果会变多少，不说明换一批文件会怎样。R@1、R@5 是排在前 1、前 5 位的正确段落所占比例，nDCG@10 还看名次，都按百分数计，由 trec_eval 计算。",
        "Brackets hold 95 % confidence intervals (2,000 draws of the queries with replacement, seeded). They tell what another draw of such queries may give, not what other documents would. R@1 and R@5 are the share of right passages among the first 1 and 5, nDCG@10 looks at places too; all are percentages computed by trec_eval.",
    ),
    "retrieval_head": ("检索质量", "Quality of retrieval"),
    "retrieval": (
        "同一套代码既用于产品，也用于评测（`zhinan eval retrieval`）。每组数据分别给出只看字词、只看向量和两者合用的结果。名字带 hant 的是繁体提问，zh2en、en2zh 是跨语言提问。",
        "The same code serves the product and the evaluation (`zhinan eval retrieval`). Each set shows words alone, vectors alone, and both together. Names with hant are Traditional questions, zh2en and en2zh questions in another language than the documents.",
    ),
    "fitted": (
        "重排用的树和编码器的提问一侧拟合过其中一些数据（stard_small、sharc、xquad 以及我们的案例、问法），上表在这些数据上会偏好看。下表是没见过该折问题、没见过该数据集的树各得的 nDCG@10（提问一侧同样用没见过该问题的）；made 是自造的问题，guides 是本站案例（按含事实的小节计），asked 是从索引里留出来的问法。ncppolicies 和 doc2dial_va 的问题从未用于拟合。",
        "The trees of the reranking stage and the question side of the encoder were fitted on some of these data (stard_small, sharc, xquad, our own cases and asked questions), on which the table above flatters them. The next table has nDCG@10 by trees that saw no question of the fold, and none of the set, with question sides that never saw the question either; made are made questions, guides our cases (sections that state the fact), asked those questions that were left out of the index. Questions of ncppolicies and doc2dial_va were never fitted on.",
    ),
    "answers_head": ("该不该答，答得对不对", "When to answer, and how well"),
    "answers": (
        "`zhinan eval answers`：每个问题走产品自己的步骤（拆分、排序、权衡证据、摘录），同一份文件的各段当作一份指南的各节。答对是指引用的段落是正确段落。AUROC 是可答问题的概率高于不可答问题的机会；有争议是指不可答的问题一字不差地也作为可答问题出现（数据的标注只针对某一段），任何系统都分不开，所以另列一个不计它们的 AUROC；校准误差（ECE，10 组）拿概率与答对的频率比；覆盖率是全部答复中 95% 答对时，可答问题里最多能答多少；误拒和误答按产品现用的门槛计。覆盖率和误差与两类问题各占多少有关，所以列出个数。拒答和摘录的模型由本站案例拟合，各个文件的摘要见页末；重排模型用过其中一些公开数据（见 `rag/passage_ranker.json`），在那些数据上会偏好看。",
        "`zhinan eval answers`: every question takes the product's own steps (parts, ranking, weighing of evidence, quotes); passages of one document are the sections of a guide. An answer is right when it cites a right passage. AUROC is the chance that an answerable question gets a higher probability than an unanswerable one; a question is disputed if the very words marked unanswerable are also asked as an answerable question (the mark was made for one passage), which no system can tell apart, so a second AUROC leaves these out; calibration error (ECE, 10 bins) sets the probability against how often answers are right; coverage is how many answerable questions can be answered while 95 % of all answers are right; wrongly refused and wrongly answered are at the product's threshold. Coverage and error depend on the mix of questions, so both counts are given. The models of refusal and quoting were fitted on our own cases, their digests stand at the end of this page; the reranking model has seen some of these public sets (`rag/passage_ranker.json` names them) and looks better there.",
    ),
    "shown": (
        "所示文字截到 200 个汉字或 80 个英文词；标准答案和文字都去掉空白和标点、统一字形后比较。前三列只算产品会答的问题，最后一列不管门槛，算引用了正确段落的全部问题。很短的标准答案可能碰巧出现。",
        "Shown text is cut at 200 Chinese characters or 80 English words; gold answer and text are compared without blanks and punctuation, in one script. The first three columns hold what the product would answer; the last all questions whose citation is right, whatever the threshold. A very short gold answer may stand there by chance.",
    ),
    "ended": ("每个问题的结果，按个数：", "How the questions ended, as counts:"),
    "turns_head": ("对话里的一句话", "A turn within its conversation"),
    "turns": (
        "每个有上文的话轮问三遍：只看这一句、连同上文、以及同一数据里不带上文的独立问题（sharc 是同一条规则的原问题，doc2dial_va 是同一页面的首句），都走助手自己的步骤。上文只取用户的话和助手反问的话；用户换了话题就不再沿用上文。最后一行是连同上文的召回率与独立问题之比，区间按话轮抽样。sharc 的反问出自规则原文，会泄露规则的用词；重排模型也用 sharc 拟合过，比值受影响较小。doc2dial_va 只有 53 轮，而且整段对话都不换页面。最后一列是过门槛的话轮里引用正确的个数。",
        "Every turn with a history is asked three ways: its words alone, with the history, and as the question that the same set asks without any (sharc: the rule's own question; doc2dial_va: the first turn about the same page), all through the assistant's own steps. Of the history count the asker's turns and what the assistant asked back; a turn about another matter carries nothing over. The last row of a set is recall with history over that of the standalone question, its interval drawn over turns. In sharc what is asked back comes from the rule's own words, which gives them away; the reranking trees were fitted on sharc too, which touches the ratio less. doc2dial_va has 53 turns only, and no dialogue of it leaves its page. The last column counts right citations among the turns that pass the threshold.",
    ),
    "turn_alone": ("只看这一句", "the turn alone"),
    "turn_talk": ("连同上文", "with the history"),
    "turn_standalone": ("独立问题", "the standalone question"),
    "turn_ratio": ("连同上文 ÷ 独立问题", "with history ÷ standalone"),
    "turns_ended": (
        "摘录式助手不替人判断“是”或“否”，也不按规则逐条追问，所以这里只数它怎样回应，不算对错：先分数据认为该答是非还是该追问，再看三个词以内、没有上文的短问（如“Can I apply?”），它们大多没说是哪件事，应当反问并给出选项。",
        "An extractive assistant decides no yes or no for anybody and does not go through a rule's conditions, so the next table counts how it replies and calls nothing right or wrong: by whether the set wants yes or no or a question back, and for questions of at most three words without a history (such as “Can I apply?”), most of which do not say about what and should be asked back with choices.",
    ),
    "peers_head": ("与其他检索方式并列", "Side by side with other searchers"),
    "peers": (
        "相同的文件、相同的问题、相同的指标，每种方式在自己的进程里运行。需要编码器的都用同一个编码器，向量取自同一个缓存，所以建索引的秒数不含编码；编码秒数由当场重新编码若干段落的速度推算。内存是建索引并回答完问题后比开始前多用的峰值。LlamaIndex 用文档里的默认做法：向量检索（Chroma），以及向量加 BM25 按名次融合；BM25 一次按默认安装，一次换用 jieba 分词。本站指南一组另有 MkDocs Material 自带搜索和本站自己的搜索，都运行其原有脚本（Node）。本系统的模型见过 stard_small、sharc、xquad 的部分问题，在这几组上偏好；没有参与拟合的是 ncppolicies 和 doc2dial_va。",
        "Same documents, same questions, same measures, each searcher in a process of its own. All that need an encoder use the same one and take vectors from one cache, so index seconds leave embedding out; its seconds are estimated from the speed of embedding some passages afresh. Memory is the peak after indexing and all questions above that before. LlamaIndex is used as its documentation has it: vectors in Chroma, and vectors with BM25 fused by reciprocal rank, BM25 once as installed and once with jieba's words. Our own guides are also searched by MkDocs Material's built-in search and by our site's, each by its own script (in Node). Our models saw questions of stard_small, sharc and xquad and look better there; ncppolicies and doc2dial_va were never fitted on.",
    ),
    "counts": ("{documents:,} 段，{queries:,} 个问题。", "{documents:,} passages, {queries:,} questions."),
    "latency_head": ("快慢：一个已预热的进程", "Speed: one warm process"),
    "latency": (
        "本站自己的指南，{chunks:,} 段，{cases:,} 个评测问题。",
        "Our own guides, {chunks:,} chunks, {cases:,} evaluation questions.",
    ),
    "search": ("搜索", "search"),
    "ask": ("提问", "ask"),
    "retrieved": ("提问，引用指南作答的", "ask, answered from guides"),
    "clients_head": ("快慢：许多人同时提问", "Speed: many clients at once"),
    "clients": (
        "对本机上的 `zhinan serve` 同时提问，提问程序也占用同一台机器。",
        "Asking `zhinan serve` on the same machine, which also runs the clients.",
    ),
    "scale_head": ("规模", "Growth"),
    "scale": (
        "文字由本站指南的句子按子句重新拼成（种子固定），没有意义，但长短和相似程度与指南相当；向量取自真实句子的向量，加少量噪声后归一。全部是中文，所以每次提问都要看全部段落。编码时间按实测速度推算；建索引的秒数不含编码。首次提问要为一类读者准备数据，单独列出。内存是回答问题时进程的常驻内存。",
        "Texts are sentences of our guides recombined clause by clause (seeded): they mean nothing, but are as long and as alike as guides are. Vectors are those of real sentences with a little noise, scaled back to unit length. All of it is Chinese, so every question looks at every chunk. Embedding time is estimated from its measured speed; index seconds leave it out. The first question of a kind of reader prepares its data and is listed by itself. Memory is what the process holds while it answers.",
    ),
    "where_head": ("在什么条件下测得", "Measured on what"),
    "where": (
        "每个结果文件都记有配置、数据和代码的摘要、机器和日期。",
        "Each result file states configuration, digests of data and code, machine and date.",
    ),
}

HEADS = {
    "set": ("数据", "set"),
    "documents": ("段落", "passages"),
    "asked_as": ("问法", "asked as"),
    "sure_right": ("引用正确 / 过门槛", "cited right / sure"),
    "turn": ("话轮", "turn"),
    "clarify": ("反问", "asked back"),
    "choices": ("其中有两个以上选项", "with two choices or more"),
    "partial": ("部分作答", "answered in part"),
    "abstained": ("不答", "not answered"),
    "handover": ("转人工", "handed over"),
    "refused": ("拒绝", "refused"),
    "answered": ("作答", "answered"),
    "other_folds": ("没见过该折的树", "trees of other folds"),
    "other_sets": ("没见过该数据集的树", "trees of other sets"),
    "queries": ("问题", "questions"),
    "lexical": ("字词", "words"),
    "vector": ("向量", "vectors"),
    "fused": ("合用", "together"),
    "ms": ("每问毫秒 p50 / p95", "ms a question p50 / p95"),
    "windows_s": ("每秒编码窗口", "windows embedded a second"),
    "answerable": ("可答", "answerable"),
    "unanswerable": ("不可答", "unanswerable"),
    "disputed": ("其中有争议", "of them disputed"),
    "auroc": ("AUROC", "AUROC"),
    "auroc_undisputed": ("AUROC，不计有争议的", "AUROC without disputed"),
    "calibration_error": ("校准误差", "calibration error"),
    "coverage_at_95": ("95% 答对时的覆盖率 %", "coverage at 95 % right, %"),
    "over_refusal": ("误拒 %", "wrongly refused, %"),
    "wrongly_answered": ("误答 %", "wrongly answered, %"),
    "citation_right": ("引用正确 %", "citation right, %"),
    "gold_shown": ("含标准答案 %", "gold shown, %"),
    "gold_shown_right": ("引用正确时含标准答案 %", "gold shown where citation is right, %"),
    "gold_in_right": ("同左，不管门槛 %", "the same, whatever the threshold, %"),
    "peer": ("方式", "searcher"),
    "index_s": ("建索引秒数（不含编码）", "index seconds, no embedding"),
    "embedding_s": ("编码秒数（推算）", "embedding seconds, estimated"),
    "memory": ("内存增加 MiB", "memory added, MiB"),
    "call": ("调用", "call"),
    "calls": ("次数", "times"),
    "workers": ("服务进程", "server processes"),
    "clients": ("同时提问", "clients"),
    "asks_s": ("每秒答复", "answers a second"),
    "failed": ("失败", "failed"),
    "chunks": ("段落", "chunks"),
    "search_ms": ("搜索毫秒 p50 / p95", "search ms p50 / p95"),
    "ask_ms": ("提问毫秒 p50 / p95", "ask ms p50 / p95"),
    "first_s": ("首次提问秒数", "first ask, s"),
    "open_s": ("打开索引秒数", "opening, s"),
    "share": ("编码占建索引时间", "embedding's share of index time"),
    "rss": ("内存 MiB", "memory, MiB"),
}

ENDS = {
    End.GOOD: ("段落对，有标准答案", "right passage, gold shown"),
    End.RIGHT: ("段落对，无标准答案可比", "right passage, no gold given"),
    End.OTHER_LINE: ("段落对，答案在未示的句中", "right passage, gold in a line not shown"),
    End.CUT: ("段落对，答案被截掉", "right passage, gold beyond the cut"),
    End.SPREAD: ("段落对，答案不在任何一段", "right passage, gold in no one passage"),
    End.WRONG: ("段落错", "wrong passage"),
    End.REFUSED_RIGHT: ("拒答，段落对", "refused, passage right"),
    End.REFUSED_WRONG: ("拒答，段落错", "refused, passage wrong"),
    End.REFUSED_WELL: ("不可答，拒答", "unanswerable, refused"),
    End.INVENTED: ("不可答，却答了", "unanswerable, answered"),
}
"""What each end of a question is called."""

TURNS = {
    "clarification, first turn": ("该追问，首句", "question back wanted, first turn"),
    "clarification, later turn": ("该追问，有上文", "question back wanted, with history"),
    "yes/no, first turn": ("该答是非，首句", "yes or no wanted, first turn"),
    "yes/no, later turn": ("该答是非，有上文", "yes or no wanted, with history"),
    "short": ("三个词以内，无上文", "at most three words, no history"),
}
"""Kinds of turns whose replies are counted."""

ALTS = {
    "answers": (
        "每组数据一幅小图：横轴是已答的可答问题所占比例，纵轴是答复中答错的比例，虚线是 5%，圆点是产品现用的门槛，数值见下表",
        "One panel a set: share of wrong answers over the share of answerable questions answered; the dotted line is 5 %, the dot the product's threshold; the table below has the figures",
    ),
    "retrieval": (
        "各组数据上字词、向量、合用三种检索的 nDCG@10 与置信区间，数值见下表",
        "nDCG@10 with intervals of words, vectors and both together on each set; the table below has the figures",
    ),
    "peers": (
        "每组数据一幅小图：各种检索方式的 nDCG@10 与置信区间，实心点是本系统，数值见下面各表",
        "One panel a set: nDCG@10 with intervals of each searcher, ours as the filled dot; the tables below have the figures",
    ),
    "recall": (
        "每组数据一幅小图：看前 1 到 10 个结果时的召回率，粗黑线是本系统",
        "One panel a set: recall among the first 1 to 10 results, ours as the thick black line",
    ),
    "scale": (
        "三幅小图，横轴是段落数：搜索和提问的毫秒数、内存、建索引秒数，数值见下表",
        "Three panels over the number of chunks: milliseconds of search and ask, memory, index seconds; the table below has the figures",
    ),
}
