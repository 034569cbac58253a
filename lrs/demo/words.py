"""What people write and what small things are called, in both languages."""

REFLECTIONS = {
    "nl": (
        "Ik vraag nu eerst wat iemand nodig heeft, en geef dan pas antwoord.",
        "Ik merkte dat ik te snel een oplossing aandroeg. Morgen probeer ik het anders.",
        "Het belangrijkste voor mij: klein beginnen en het meteen doen.",
        "Dit kan ik maandag al gebruiken.",
        "Ik wist er minder van dan ik dacht, en dat is een goed begin.",
    ),
    "en": (
        "I now ask what somebody needs before I answer.",
        "I noticed that I offer solutions too soon. Tomorrow I try it another way.",
        "What matters most to me: start small, and start today.",
        "I can use this on Monday.",
        "I knew less about it than I thought, which is a good beginning.",
    ),
}
APPLICATIONS = {
    "nl": ("Gebruikt in een gesprek met een klant", "Gebruikt in het werkoverleg", "Een eigen werkwijze aangepast"),
    "en": ("Used in a talk with a customer", "Used in our meeting", "Changed the way I work"),
}
GOALS = {
    "nl": ("Rustig blijven als iemand boos is", "Een collega wegwijs maken", "Zonder hulp kunnen uitleggen"),
    "en": ("Stay calm when somebody is angry", "Show a colleague around", "Explain it without help"),
}
VIDEOS = {
    "doorvragen": {"nl": "Doorvragen in twee minuten", "en": "Asking on in two minutes"},
    "goede-mail": {"nl": "Een goede mail", "en": "A good e-mail"},
    "overdracht": {"nl": "De overdracht", "en": "Handing over"},
    "nee-zeggen": {"nl": "Vriendelijk nee zeggen", "en": "Saying no kindly"},
    "vijf-keer-waarom": {"nl": "Vijf keer waarom", "en": "Five times why"},
}
QUIZZES = {
    "weet-je-het-nog": {"nl": "Weet je het nog?", "en": "Do you remember?"},
    "vraag-van-de-week": {"nl": "Vraag van de week", "en": "Question of the week"},
    "feit-of-fabel": {"nl": "Feit of fabel", "en": "Fact or fable"},
}
ARTICLES = {
    "leren-van-fouten": {"nl": "Leren van fouten", "en": "Learning from mistakes"},
    "een-goed-begin": {"nl": "Een goed begin van de week", "en": "A good beginning of the week"},
    "luisteren": {"nl": "Wat luisteren doet", "en": "What listening does"},
}
ASSIGNMENTS = {
    "verplichte-leeslijst": {"nl": "Verplichte leeslijst", "en": "Required reading"},
    "jaarlijkse-herhaling": {"nl": "Jaarlijkse herhaling", "en": "Yearly refresher"},
    "nieuw-hulpmiddel": {"nl": "Kennismaken met het nieuwe hulpmiddel", "en": "Getting to know the new tool"},
}
