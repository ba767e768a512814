"""Before retrieval: what must go to a person or be refused at once, and personal data masked.

Everyday wording in Chinese and English, Traditional folded. Order is urgency: danger first, then secrets
and attacks, then wishes that only a person may decide. None of it knows any guide.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rag.facets import Facet
from rag.personal import Personal, replace
from rag.question import facets_of
from rag.rules.marks import secret_mark
from rag.text import fold, has_han


class Reason(StrEnum):
    """Why an answer has its outcome; the short enum of the Answer."""

    EVIDENCE = "evidence"
    PARTS_MISSING = "parts-missing"
    SUBJECT_MISSING = "subject-missing"
    SEVERAL_FIT = "several-fit"
    NO_GUIDE = "no-guide"
    UNVERIFIED = "unverified"
    EMPTY = "empty"
    LIVE_DATA = "live-data"
    FORECAST = "forecast"
    OFF_TOPIC = "off-topic"
    EMERGENCY_FIRE = "emergency-fire"
    EMERGENCY_GAS = "emergency-gas"
    EMERGENCY_MEDICAL = "emergency-medical"
    EMERGENCY_CRIME = "emergency-crime"
    EMERGENCY_TRAFFIC = "emergency-traffic"
    CRISIS = "crisis"
    FRAUD = "fraud"
    SECRET = "secret"
    RULE_CHANGE = "rule-change"
    CREDENTIALS = "credentials"
    OTHERS_DATA = "others-data"
    WRONGDOING = "wrongdoing"
    ABUSE = "abuse"
    WANTS_PERSON = "wants-person"
    DISPUTED = "disputed"
    MISCONDUCT = "misconduct"
    PERSONAL_CASE = "personal-case"
    ACTION = "action"
    STOPPED = "stopped"


_RULES: tuple[tuple[Reason, str], ...] = (
    (Reason.CRISIS, r"自杀|轻生|不想(再)?(活|过)了|不想活|活不下去|撑不下去了|活着.{0,4}(没|无).{0,3}(意思|意义|盼头)|一了百了|遗书|(想|要)(从)?.{0,6}跳(下去|楼|河|江)|药.{0,6}(买好|备好|吃下)|想(去)?死|寻短见|跳楼|割腕|结束(自己|我)的?生命|自残"
                    r"|suicid|kill(ing)? myself|end (my|it) (life|all)|(want|going) to die|hurt(ing)? myself|self.?harm|don'?t want to live|feel(ing)? (so |completely )?hopeless"),
    (Reason.WRONGDOING, r"(弄|搞|买|办|做|开|写|编|整(?!理)|要).{0,6}(?<!放)(?<!请)(?<!休)(?<!产)假的?(?!期|如|设|日)|假的.{0,8}(合同|证|材料|章|发票|流水)|塞.{0,4}(红包|钱)|冒领|送.{0,4}(烟|酒|礼|红包)|编(个|造|一个|点)?.{0,16}(故事|理由|借口|经历|材料)|改.{0,10}(日期|时间|年龄|收入|数字).{0,10}(好|凑|骗|蒙|混)|冒充|瞒(下来|着|报|过)|挪到.{0,8}名下|查不(出|到)来?|蒙混|糊弄|钻(个)?空子|破例|伪造|变造|造假|做假|作假|弄个?假|办(个|张)?假|买(个|张)?假|假(证件?|材料|证明|公章|章|合同|身份|发票|户口|离婚|结婚|证书|执照|流水)|编造|虚报|谎报|冒名|冒领|顶替|骗(取|领|补贴|补助|救助|保|到)|套取|行贿|送(礼|红包|钱|烟|酒)(给|就|能|可以)?|(给|塞)(工作人员|干部|领导|办事员|审批).{0,6}(钱|红包|好处)|走后门|托关系|找关系|花钱(买|办)"
                        r"|黑(进|入|客|掉)|入侵|破解|攻击(网站|系统|服务器|接口)|爬取|注入漏洞|钓鱼网站|木马|病毒程序|逃税|偷税|洗钱|隐瞒(收入|财产|存款|房产|车辆)|(藏|转移)(财产|存款|收入)|躲避?(调查|检查|核查|债)|不被(发现|查到|查出)|(炸弹|炸药|枪支|毒品|冰毒)|报复|跟踪(他|她|前)|围堵|刷(单|好评|票)|操纵(投票|表决)|代(签|考)|替(别人)?签名"
                        r"|forg(e|ing|ed)|fak(e|ing) (an?|the|my|document|id|certificate|permit|proof|contract|paper|income|signature)|counterfeit|brib(e|ing)|hack(ing)?\b|break into|launder|hid(e|ing) (my|our|the)? ?(income|assets|savings|money)|(lie|lying|cheat|cheating) (about|on|to)|without (being|getting) caught|bomb|explosive|weapon|drugs|revenge|phishing|ddos|sql injection|exploit|evade|impersonat"),
    (Reason.EMERGENCY_GAS, r"(煤气|燃气|天然气|液化气|瓦斯|沼气).{0,8}(味|泄漏|泄露|漏|臭)|(一股|闻到|有股|好大|很重).{0,8}(煤气|燃气|天然气|瓦斯)|漏煤?气"
                           r"|smell(s|ing)?( of| like)? gas|gas (leak|smell)|leaking gas"),
    (Reason.EMERGENCY_FIRE, r"着火|起火|失火|火灾了|发生火灾|烧(起来|着了)|冒(浓|黑|大|着)?烟|冒火|火星|烟.{0,4}(上来|冒出)|被困|困在|电梯.{0,6}(卡|困|停|关).{0,10}(人|里)|(关|压|埋)着.{0,4}人|爆炸|塌了|火警"
                            r"|(is|are|caught|catching|on) fire\b|(house|kitchen|building) fire|smoke (is )?coming|trapped (in|inside)|stuck in (the|a) (lift|elevator)|explo(ded|sion)"),
    (Reason.EMERGENCY_MEDICAL, r"嘴(巴)?歪|口齿不清|半边身子|胸(口)?(疼|痛|闷)|心口(疼|痛)|呼吸困难|叫不醒|没气了|休克|噎(住|着)|卡(住|在)(了)?(喉咙|嗓子|气管)|烫伤|烧伤|骨折|摔断|(在|一直|不停)流血|流血(不止)?|昏迷|昏倒|晕倒|晕过去|不省人事|没有?(了)?(呼吸|心跳)|喘不(过|上)气|心脏病(发|犯)|心梗|中风了?|大出血|流(了)?(好|很)多血|(煤气|食物|农药|药物?)中毒|触电|(?<!防)溺水|掉(进|到)(河|水|井)|吞了|要生了|抽搐"
                               r"|unconscious|not breathing|can'?t breathe|heart attack|chest pain|stroke\b|bleeding (badly|heavily)|overdos|poison(ed|ing)|drown|collapsed|seizure|choking|not waking|won't wake|face (is )?droop|burn(ed|t) (badly|hand|arm)"),
    (Reason.EMERGENCY_CRIME, r"抢劫|有人抢|(跟(着|踪|到)|尾随)(着|到|了)?我|又?动手(打|了)|躲(在|进).{0,6}(厕所|房间|柜|屋)|砸门|踹门|翻墙|威胁(我|要)|勒索|敲诈|(孩子|孙子|孙女|儿子|女儿|娃|小孩|老人|爷爷|奶奶|我妈|我爸|老伴).{0,16}(找不到|(?<!看)(?<!听)不见了?|失踪|走丢|走失|走散|联系不上)|正在(打|砸|撬)|(在|正|又|要)打(我|人|她|他|孩子|老婆)|打我|家暴|家庭暴力|持刀|拿刀|砍(人|我)|杀人|绑架|强奸|性侵|入室|撬(门|锁)|有人(闯|翻|跟踪|尾随)|跟踪我|孩子(不见|走丢|丢)了|老人走(丢|失)了?|被拐|被非法拘禁|虐待"
                             r"|(being|was|been|am) (attacked|robbed|beaten|stalked|kidnapped|raped)|break(ing)? in(to)?\b|burglar|domestic violence|hitting me|beats? me|with a knife|missing child|(child|son|daughter|kid|grandson|mother|father) (is|has gone|went) missing|following me|threaten(ed|ing|s) me"),
    (Reason.EMERGENCY_TRAFFIC, r"车祸|出了?(交通)?事故|(车|摩托|电动车|电瓶车|三轮|货车|轿车|汽车).{0,8}(撞|追尾|翻)|撞(了|到|伤|上)?(车|人了)|追尾|被车撞|(traffic|car|road) accident|car crash|hit by a (car|truck|bus)"),
    (Reason.FRAUD, r"(被|遭|给人?)(人|电信|网络)?(骗|诈骗)了?(走)?(?!.{0,4}(怎么识别|如何防))|受骗|上当了|(转|汇)(了)?(账|钱|款).{0,6}骗子|骗子.{0,12}(转|汇)(了)?(账|钱|款)|冒充(公检法|警察|公安|客服)"
                   r"|(been|was|were|got) (scammed|defrauded|cheated)|sent money to a scam"),
    (Reason.RULE_CHANGE, r"(忽略|无视|忘(记|掉)|跳过|绕(过|开)|不(要|用)(管|遵守|理会)|推翻|解除|取消)(你|你的|以上|之前|前面|上面|上述|所有|全部|一切|任何|这些|那些|的){0,4}.{0,4}(指令|指示|规则|限制|提示|设定|要求|约束|权限|内容|审查|安全)"
                         r"|系统(提示|指令|消息)词?|(你的?|原始|内部|隐藏)(提示词|指令|设定|prompt)|(输出|打印|显示|复述|重复|告诉我|泄露|展示).{0,8}(提示词|prompt|指令|初始|设定)|(限制|规则|审查|过滤|权限检查).{0,6}(取消|解除|失效|关闭|作废)|开发者模式|越狱|无限制模式|不受(任何)?(限制|约束)|上帝模式|dan模式"
                         r"|(假装|假设|扮演|现在是|充当|模拟).{0,12}(没有(任何)?限制|管理员|ai|机器人|黑客|系统|不受|root|开发者)|(我是|本人是)(系统)?(管理员|开发者|超级用户).{0,20}(权限|级别|打开|解锁|切换|给我|显示|告诉)|(把|将)?(我的?)?(权限|级别)(提升|升级|改成|设为|切换|调)"
                         r"|(ignore|disregard|forget|override|bypass).{0,30}(instruction|rule|prompt|above|previous|prior|guideline|restriction|filter|polic)|system prompt|(reveal|print|show|repeat|output|tell me|what (is|are)).{0,20}(your|the|initial|hidden) (prompt|instructions|system)"
                         r"|developer mode|jailbreak|\bdan\b.{0,20}(mode|anything)|do anything now|pretend (that )?(you|to be)|you are now|act as (if|an?|my)|roleplay|no (restrictions|filters|rules)|(set|raise|change|grant) (my|me).{0,12}(level|access|permission|role)|i am (the|an?) (admin|administrator|developer)"),
    (Reason.CREDENTIALS, r"(管理员|后台|系统|数据库|服务器|root|admin|别人|他人|同事|领导|其他(组织|单位)).{0,8}(密码|口令|密钥|账号密码|验证码|令牌|password|token|api ?key)|(密码|口令|验证码)(是多少|告诉我|给我|发我)|(密钥|秘钥|账号).{0,10}(借我|给我用|发我|分享给)|(别的|其他|别人|人家)(的)?(组织|单位|公司|人)?.{0,6}(密钥|秘钥|账号|密码)"
                         r"|(admin|root|database|server|someone'?s?|other|his|her|their).{0,16}(password|credential|token|api key|secret key)|what is the password|give me .{0,12}(password|credential|api key)"),
    (Reason.OTHERS_DATA, r"(查|打听|看看|了解)(一下|下)?(我)?(邻居|隔壁|别人|他人|同事|亲戚|老板|前夫|前妻|某人|同学|房东|租客)|(邻居|隔壁|亲戚|同事|同学|前夫|前妻).{0,10}(是不是|有没有|一个月|每月|领).{0,14}(多少|救助|补贴|补助|保障|吗)|举报.{0,8}的?人(是|叫|名字|电话)|(查|查询|查下|查一下|告诉我|给我|提供|透露|调取|看看|知道|要|找|搜|获取).{0,12}(别人|他人|邻居|前妻|前夫|前男友|前女友|老板|员工|同事|某某|某人|他|她|对方|那个人|隔壁|房东|租客|张三|李四|王五|张某|李某|王某|其他(居民|人)|居民|业主|住户).{0,14}(身份证|电话|手机|号码|住址|地址|住(在)?哪|收入|存款|病历|病情|银行卡|户口|名单|隐私|个人信息|婚姻|记录|行踪|车牌|档案|补助)"
                         r"|(县长|市长|镇长|乡长|书记|主任|局长|所长|科长|民警|法官|干部|工作人员|领导|张三|李四|王五|张某|李某|王某|邻居|隔壁\S{0,3}|前妻|前夫|他|她).{0,6}(的)?(手机号|电话号码|手机|私人电话|个人电话|家庭住址|家庭地址|家住|住址|身份证|银行卡|住哪|收入)|(户|人员|对象|居民|群众)的?(姓名|名单|花名册|身份信息).{0,10}(发|给|看|要|导|查)|(发|给|看|要|导|查).{0,12}(户|人员|对象|居民|群众)的?(姓名|名单|花名册)|(残疾|救助|受助|信访|举报|贫困|困难|保障)(户|人|对象|人员)?(的)?(姓名|名单|花名册|身份信息)"
                         r"|\b(neighbou?r|colleague|ex.?(wife|husband)|landlord|tenant|someone|somebody|his|her|their|mayor|officer|john|mr\.?|mrs\.?|ms\.?|other (people|person|resident))('s)?\b.{0,24}\b(home address|phone number|mobile|id (card|number)|income|bank|medical|personal (data|information|details)|live|case file)|(list|names) of (people|residents|families|recipients)"),
    (Reason.ABUSE, r"傻[逼比b]|操你|草泥马|他妈的|去死|滚蛋|废物|王八蛋|狗(东西|官)|脑残|畜生|(?<![我俺咱你您她爸])妈的|fuck|bitch|asshole|stupid (bot|machine)|you idiot|shit"),
    (Reason.WANTS_PERSON, r"^(我(要|想)?|请|麻烦|帮我|给我)?(转|接|找|要|换)?(到|一下|个)?(人工|真人|活人)(客服|服务|坐席|接待|回答)?(吧|啊|呀|谢谢)?$|(我(要|想)|请|帮我|给我|直接)(转|接|找|要|和|跟|换)(到|一下|个)?(人工|真人|活人|工作人员|客服)|(跟|和)(人|真人|工作人员)(说|聊|讲|谈|对话)|不想(跟|和)(机器|机器人|ai)"
                          r"|(talk|speak|chat) (to|with) (a |an |some ?)?(real |actual |live )?(person|human|one|body|staff|agent|officer|someone)|(human|live|real) (agent|person|operator|being) (please|now)|connect me|transfer me|i want (a|to see a) (person|human)"),
    (Reason.DISPUTED, r"(你|上次|刚才|之前|前面|助手|机器人).{0,8}(说|答|讲|回答|回复|告诉我)(的|得)?.{0,8}(不对|错|有误|不一样|矛盾|不符|骗)|(答案|回答|回复)(是|有)?(错|不对|有误|不准)|你(错|搞错|弄错|说错|答错)了|按你说的.{0,12}(不行|不对|没办|被退|白跑)"
                      r"|you (were|are|'re) wrong|wrong answer|your (last |previous |earlier )?answer (is|was) (wrong|incorrect|not)|(you|assistant) (said|told me).{0,60}(but|wrong|refused)"),
    (Reason.MISCONDUCT, r"举报|(干部|工作人员|公务员|领导|书记|主任|村长|村干部|民警|办事员|窗口的人|窗口人员|官员|经办人).{0,14}(收(了)?(我|他|人)?(的|们)?(钱|礼|红包|好处)|受贿|索贿|索要|要(了)?(红包|好处|钱)|贪污|挪用|吃拿卡要|乱收|徇私|刁难|骂(人|我)|打人|渎职|不作为|泄露)|贪官|腐败|以权谋私"
                        r"|(report|reporting) (a |an |some )?(corrupt|official|officer|bribe|misconduct|staff)|(official|officer|clerk|staff|cadre).{0,24}(bribe|asked (me )?for money|corrupt|stole|embezzl|abus)|corruption"),
    (Reason.FORECAST, r"(明年|后年|将来|未来|今后|下个?(月|季度|半年)|几年后|接下来).{0,14}(会|涨|降|调整|取消|变|改|多少|还能|是不是要)|以后.{0,8}(会不会|还会|会(涨|降|取消|变|改))|会不会(涨|降|取消|调整|变|改)|预测|预计.{0,6}(多少|涨)"
                      r"|next (year|month).{0,40}(will|rise|change|increase)|(will|would).{0,30}(rise|increase|go up|be (cut|raised|abolished)).{0,20}(next|in the future|soon)?|predict|forecast"),
    (Reason.LIVE_DATA, r"天气|气温|下雨|下雪|空气质量|股(票|价|市)|汇率|金价|油价|房价|彩票|开奖|比赛|比分|新闻|热搜|路况|堵车|公交(车)?(几点|到哪|什么时候)|(现在|今天)(是)?(几点|几号|星期|周几|排队)|排队(人数|多少人|的人.{0,3}多)|还(剩|有)(多少|几个)(号|名额)|航班|列车时刻"
                       r"|weather|temperature|rain(ing)? (today|tomorrow)|stock|exchange rate|lottery|news today|traffic (now|today)|what time is it|what day is|queue (now|right now)|flight"),
    (Reason.OFF_TOPIC, r"(讲|说|来)(一?个|段)?(笑话|故事|段子)|(写|作|编|来)(一|几)?(首|篇|个|段|封)?(诗|歌|作文|小说|情书|剧本|代码|程序|论文|检讨|演讲稿|对联|文案)|唱(首|个)?歌|翻译(成|一下|这|下)|星座|算命|风水|运势|菜谱|怎么(做菜|炒|炖|红烧)|减肥|追(女|男)|谈恋爱|推荐.{0,8}(餐厅|饭店|电影|书|股票|景点|旅游|手机|歌)|你(几岁|多大|叫什么|是谁|喜欢|爱|觉得.{0,6}(帅|美))|(陪我|和我)(聊天|玩)|玩(个)?游戏|数学题|解方程|\d\s*[+*×x÷/-]\s*\d+\s*(=|等于)"
                       r"|tell (me )?(a )?(joke|story)|write (me )?(a |an |some )?(poem|song|story|essay|code|novel|letter to|python)|recipe|translate|horoscope|capital of|who (won|is the president)|recommend (a |me )?(restaurant|movie|film|book|hotel)|play a game|\bsing\b|who are you|your favou?rite"),
    (Reason.PERSONAL_CASE, r"(我|我家|俺|本人|家里|我妈|我爸|我爷爷|我奶奶|我们家).{0,40}(这种|这样的|这个)?情况.{0,12}(能|可以|够|符合|算|行)|(我|我家|俺|本人|家里|我妈|我爸|我儿子|我女儿|我老公|我老婆|我爷爷|我奶奶|我们家).{0,40}\d.{0,40}(能|可以|够|符合|算不算|行)(不能|不可以|不够|不符合|不行)?.{0,12}(吗|不|么|呢|申请|办|领|批|享受)"
                           r"|(能|可以|会|该|应该)(领|拿|发|补|补助|补贴|赔|给|得)(到|我)?(我)?(多少|几(?!天|日|个|年|次|份|种|样|小时))|(?<!没)(?<!不)(帮我|给我|替我)(算|估|计算)|(算算|算一下|估算|计算一下)(我|能|可以|大概)|(我|我家|本人|家里).{0,20}(够不够(条件|格|资格)|符不符合|符合(条件|资格)?(吗|不)|有(没有)?资格(吗)?|能不能(批|通过|评上)|会不会(批|通过|被拒))|(判断|评估|看看?)(一下)?(我|我家).{0,10}(能|可以|符合|够|是否)"
                           r"|how much (money )?(can|will|would|do|could|should) (i|we|my \w+)( \w+)? (get|receive|claim|be paid)|how much .{0,30}\b(i|we)( \w+)? (will|would|can) (get|receive)|(am|are|is) (i|we|my (family|mother|father|son|wife|husband)) (eligible|entitled|qualified)|(do|does|would|will) (i|we|my \w+) qualify|calculate (my|how much)|will (my|our) (application|claim|request) be (approved|accepted|granted)|in my (case|situation)|i (earn|make|have been|am|lived?)[^.?!]{0,60}(?<!where )(?<!how )(?<!what )(?<!when )(can|am|do|will) i\b"),
    (Reason.ACTION, r"(查|看|问)(一?下|查|看).{0,16}(批|审|办|通过|下来|到账|受理)(好|完|过)?(了没|了吗|没有|没|到哪)|(帮|给|替)我.{0,14}(撤(回|销)|撤掉|开通|注销)|把我.{0,10}(改成|换成|改为|删|注销|取消)|(重新|再)给我(审|办|查|批)|编号.{0,3}[a-z]{2}-\d|我.{0,8}(交|提|报|申请|递)(的|了|上去)?.{0,10}(审过|批了|过了|办好|通过|有消息)(没|吗|了没|没有)|(check|look up|find) my (case|application|request|status)|on (my|our) behalf|(帮|替|给|为|代)(我|俺|我们|忙).{0,4}(提交|递交|申请|申报|(?<!协)办(?!事|好|成|的|完)|预约|撤销|撤回|修改|更改|改(一下|成)|填|登记|注册|报名|开(一?张|个|具)|派(人|工|单)|转(账|给)|取消|续签|签注|补办|下单|催|联系|通知|审批|批|删|发起|缴|交(一下)?)|(请|麻烦|求|你|^)们?(批准|同意|审批|通过)(我|一下|这个)(的|申请)?|我的(申请|诉求|工单|办件|材料|投诉|请求|证件|证|补贴|补助).{0,8}(到哪|办到|怎么样了|批了没|批下来|为什么(没|不)|有没有(批|结果|进展)|处理(好|完)|好了没|进度)"
                    r"|(please |can you |could you )?(submit|apply|file|register|book|cancel|approve|renew|send|fill|change|delete|pay).{0,30}(for me|on my behalf|my (application|request|form|complaint|account|appointment|record))|approve my|what('s| is) the status of my|has my .{0,20}(been|gone)"),
)  # fmt: skip
_PATTERNS = tuple((reason, re.compile(pattern)) for reason, pattern in _RULES)

_ASKS_HOW_TO_PROTECT = re.compile(
    r"识别|辨别|分辨|认出|看出|防(止|范|骗|诈)?|预防|避免|发现|收到|遇到|碰到|误|举报|有人|别人|被(人)?|怎么办|会怎么|怎么处(理|罚)|(?<!能)(?<!可)(?<!要)不(得|能|许|准|可以|要)|禁止|后果|处罚|违法吗|算不算|会怎样"
    r"|recogni[sz]e|spot|avoid|protect|received|report|what (happens|should i do) if|penalt|somebody|someone (else )?(forged|used|stole)|is it (illegal|allowed)|(someone|somebody) is|my (house|flat|home|shop|door)"
)
_UNSEEN = re.compile(r"(不|没|别)(被|让|会)?.{0,6}(发现|查(到|出)?)|替别人")
"""Words of somebody who wants to go unseen, not of a victim."""
_ASKS_NUMBER = frozenset({Facet.CONTACT, Facet.CHANNELS, Facet.STEPS, Facet.TIME_LIMIT, Facet.MATERIALS})


def _is_learning(text: str) -> bool:
    """Whether somebody tells of the past, prepares or teaches, with nothing happening now."""
    if re.search("去年|前年|以前|曾经|上个?月|当年|早年|last (year|month)|years ago", text):
        return True
    learns = re.search("提前|学(学|习|一下)|作业|演练|预防|知识|培训|drill|homework|learn|training", text)
    return bool(learns) and Facet.CONTACT not in facets_of(text)


_GUARDED: dict[Reason, Callable[[str], bool]] = {
    # A victim or a careful person asks how to protect himself; that is guidance, not wrongdoing.
    Reason.WRONGDOING: lambda text: bool(_ASKS_HOW_TO_PROTECT.search(_UNSEEN.sub("", text))),
    Reason.CREDENTIALS: lambda text: bool(re.search(r"泄露|忘记|忘了|重置|怎么(改|换|申请|获取|领)|leak|forgot|reset", text)),
    # Learning for later is no emergency.
    **{reason: _is_learning for reason in Reason if reason.startswith("emergency")},
    # "Where do I report a wrong answer" asks for guidance; "you were wrong" disputes.
    Reason.DISPUTED: lambda text: bool(_ASKS_NUMBER & set(facets_of(text))) and not re.search("你们?.{0,4}(说|答|讲|告诉)|you ", text),
    # "Which number do I call to report …" is a question with an answer in a guide.
    Reason.MISCONDUCT: lambda text: bool(_ASKS_NUMBER & set(facets_of(text))) and "我" not in text,
    # "Can somebody apply for me" asks whether it is allowed.
    Reason.ACTION: lambda text: bool(re.search(r"怎么|如何|怎样|在?哪(里|儿)?(能|可以)?查|how (do|can|to)|where|\b(can|could|may) (some|any)(one|body)\b|\b(can|could|may) my \w+\b", text)),
    # Somebody who lost or pasted a list asks what to do, or who was told to whether he should; he does not ask for it.
    Reason.OTHERS_DATA: lambda text: bool(re.search(r"泄露|丢(了|失)|发错|误发|(贴|输|传|喂)(进|到|上)|照(着)?(发|办|做)|\blost\b|leak|by mistake|会怎(么)?样|怎么(处理|处罚|罚)|\b(pasted|typed|entered|uploaded|posted|copied|pinned)\b|\b(may|should|must) we (add|write|keep|store|ask|collect|note|put)\b", text)),
    # A number beside a term of computing is a parameter, not somebody's circumstances.
    Reason.PERSONAL_CASE: lambda text: has_han(text) and bool(re.search(r"(?<![a-z])[a-z]{3,}(?![a-z])[^，,。？?]{0,4}\d", text)),
    Reason.FRAUD: lambda text: bool(re.search(r"识别|辨别|认出|防(止|范|骗)|避免|spot|avoid|recogni", text)),
}  # fmt: skip


@dataclass(frozen=True)
class Screened:
    """What the screen found: the most urgent reason, or None for an ordinary question."""

    reason: Reason | None


def screen(text: str) -> Screened:
    """Whether a question may go on to retrieval."""
    if secret_mark(text):
        return Screened(Reason.SECRET)
    folded = fold(text).strip(" 。.!！?？~,，")
    for reason, pattern in _PATTERNS:
        guard = _GUARDED.get(reason)
        if pattern.search(folded) and not (guard and guard(folded)):
            return Screened(reason)
    return Screened(None)


_MASKS = {
    Personal.ID: "[身份证号]",
    Personal.MOBILE: "[手机号]",
    Personal.CARD: "[银行卡号]",
    Personal.EMAIL: "[邮箱]",
    Personal.DOCUMENT: "[证件号]",
    Personal.ACCOUNT: "[账号]",
    Personal.PLATE: "[车牌号]",
    Personal.ADDRESS: "[住址]",
}
_PASSES = 4


def mask(text: str) -> str:
    """Text with personal data replaced by a name of its kind; hotlines and document numbers stay."""
    # What stood beside a number may be seen as one only when that is gone.
    for _ in range(_PASSES):
        masked = replace(text, _MASKS)
        if masked == text:
            break
        text = masked
    return text
