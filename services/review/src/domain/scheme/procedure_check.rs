//! Finds the mistakes in a procedure's file: every one is told with its key.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Definition, SchemeError,
    procedure::{Actor, Field, FieldKind, Gather, Guard, Procedure, Step, Way},
    said, want, word,
};

/// Ends that every procedure has, besides those of its scheme.
pub const RESERVED_ENDS: [&str; 2] = ["withdrawn", "lapsed"];

type Checked = Result<(), SchemeError>;

/// Checks the procedure of a scheme, and what the scheme's rubric asks of it.
pub(super) fn check(definition: &Definition) -> Checked {
    let Some(procedure) = &definition.procedure else {
        check_quantities(definition, None)?;
        let selects = definition.selection.is_some();
        return want(selects, "selection", "say which programmes are reviewed, or give a [procedure]");
    };
    want(!procedure.steps.is_empty(), "procedure.steps", "a procedure has at least one step")?;
    check_gathering(definition, procedure)?;
    check_codes(procedure)?;
    for (place, step) in procedure.steps.iter().enumerate() {
        check_step(definition, procedure, place, step)?;
    }
    let reviews = procedure.steps.iter().filter(|step| step.review).count();
    want(reviews == 1, "procedure.steps.review", "exactly one step is a review by experts")?;
    check_ends(procedure)?;
    check_reach(procedure)?;
    check_quantities(definition, Some(procedure))
}

fn check_gathering(definition: &Definition, procedure: &Procedure) -> Checked {
    let programmes = procedure.gather == Gather::Programmes;
    let fits = programmes == definition.selection.is_some();
    want(fits, "selection", "it goes with gather = \"programmes\", and only with that")?;
    if let Some(most) = procedure.most_per_school {
        want(most > 0, "procedure.most_per_school", "a school brings at least one item")?;
    }
    let applies = procedure.gather == Gather::Applications;
    let by_school = procedure.first().is_some_and(|step| step.actor == Actor::School && !step.review);
    want(!applies || by_school, "procedure.gather", "with applications the first step is the school's")
}

fn check_codes(procedure: &Procedure) -> Checked {
    let mut codes: BTreeSet<&str> = RESERVED_ENDS.into_iter().collect();
    for step in &procedure.steps {
        let key = format!("procedure.steps.{}.code", step.code);
        want(word(&step.code), &key, "use lower-case letters, digits and hyphens")?;
        want(codes.insert(&step.code), &key, "there is another step of this code")?;
    }
    for end in &procedure.ends {
        let key = format!("procedure.ends.{}.code", end.code);
        want(word(&end.code), &key, "use lower-case letters, digits and hyphens")?;
        want(codes.insert(&end.code), &key, "there is a step or another end of this code")?;
    }
    Ok(())
}

fn check_step(definition: &Definition, procedure: &Procedure, place: usize, step: &Step) -> Checked {
    let key = |field: &str| format!("procedure.steps.{}.{field}", step.code);
    want(said(&step.name), &key("name"), "give the name in both languages")?;
    let described = step.description.as_ref().is_none_or(said);
    want(described, &key("description"), "describe it in both languages, or leave it out")?;
    let days = step.working_days.unwrap_or(1);
    want((1..=250).contains(&days), &key("working_days"), "give 1 to 250 working days, or leave it out")?;
    let mut codes = BTreeSet::new();
    for field in &step.fields {
        let key = |part: &str| key(&format!("fields.{}.{part}", field.code));
        want(codes.insert(&field.code), &key("code"), "the step has another field of this code")?;
        check_field(field, &key)?;
    }
    want(!step.outcomes.is_empty(), &key("outcomes"), "a step needs a way out")?;
    let mut codes = BTreeSet::new();
    for way in &step.outcomes {
        let key = |part: &str| key(&format!("outcomes.{}.{part}", way.code));
        want(word(&way.code), &key("code"), "use lower-case letters, digits and hyphens")?;
        want(codes.insert(&way.code), &key("code"), "the step has another outcome of this code")?;
        want(said(&way.name), &key("name"), "give the name in both languages")?;
        want(step.review || way.grades.is_empty(), &key("grades"), "only a review goes by grades")?;
        check_way(procedure, place, way, &key("to"))?;
    }
    for (index, guard) in step.guards.iter().enumerate() {
        check_guard(procedure, place, guard, &|part| key(&format!("guards[{index}].{part}")))?;
    }
    if step.review { check_review(definition, step, &key) } else { Ok(()) }
}

fn check_field(field: &Field, key: &dyn Fn(&str) -> String) -> Checked {
    want(word(&field.code), &key("code"), "use lower-case letters, digits and hyphens")?;
    want(said(&field.name), &key("name"), "give the name in both languages")?;
    want(field.hint.as_ref().is_none_or(said), &key("hint"), "give the hint in both languages")?;
    want(field.unit.as_ref().is_none_or(said), &key("unit"), "give the unit in both languages")?;
    want(field.decimals <= 6, &key("decimals"), "give 0 to 6 digits")?;
    want((1..=5000).contains(&field.max_length), &key("max_length"), "give 1 to 5000 characters")?;
    let numeric = matches!(field.kind, FieldKind::Number | FieldKind::Money);
    let bounded = field.least.is_some() || field.most.is_some();
    want(numeric || !bounded, &key("least"), "only numbers and money have bounds")?;
    let falls = matches!((field.least, field.most), (Some(least), Some(most)) if least > most);
    want(!falls, &key("least"), "the least cannot be more than the most")?;
    let choice = field.kind == FieldKind::Choice;
    let enough = if choice { field.options.len() >= 2 } else { field.options.is_empty() };
    want(enough, &key("options"), "a choice has at least two options; nothing else has any")?;
    let mut codes = BTreeSet::new();
    for option in &field.options {
        let fits = word(&option.code) && said(&option.name) && codes.insert(&option.code);
        want(fits, &key("options"), "every option has a code of its own and a name in both languages")?;
    }
    Ok(())
}

/// A way leads to an end, back, to the next step, or over steps that may be passed by: nothing else is ever skipped.
fn check_way(procedure: &Procedure, place: usize, way: &Way, key: &str) -> Checked {
    let (last, favourable) = match (procedure.place(&way.to), procedure.end(&way.to)) {
        (Some(to), _) => {
            want(to != place, key, "an outcome leads out of its step")?;
            (to, true)
        }
        (None, Some(end)) => (procedure.steps.len(), end.favourable),
        (None, None) => return want(false, key, &format!("there is no step or end {:?}", way.to)),
    };
    let refuses = last < place || (last == procedure.steps.len() && !favourable);
    want(
        !way.comment || refuses,
        key,
        "an outcome with a comment instead of a form leads back or to a refusal",
    )?;
    let skipped =
        procedure.steps.iter().enumerate().skip(place + 1).take_while(|(between, _)| *between < last);
    let missed = skipped.map(|(_, step)| step).find(|step| !step.optional);
    match missed.filter(|_| favourable) {
        Some(step) => want(false, key, &format!("it leads past {}, which cannot be skipped", step.code)),
        None => Ok(()),
    }
}

fn check_guard(procedure: &Procedure, place: usize, guard: &Guard, key: &dyn Fn(&str) -> String) -> Checked {
    let step = &procedure.steps[place];
    want(said(&guard.message), &key("message"), "say in both languages what must hold")?;
    let known = guard.ways.iter().all(|way| step.way(way).is_some());
    want(known, &key("for"), "these must be outcomes of the step")?;
    let sums = !guard.sum.is_empty();
    want(guard.taken.is_some() != sums, &key("taken"), "give either taken, or sum with at_most")?;
    want(sums != guard.at_most.is_empty(), &key("at_most"), "it goes with sum")?;
    if let Some(taken) = &guard.taken {
        let earlier = procedure.place(&taken.step).filter(|earlier| *earlier < place);
        let Some(earlier) = earlier.map(|earlier| &procedure.steps[earlier]) else {
            return want(false, &key("taken.step"), "it must be an earlier step");
        };
        let known = !taken.by.is_empty() && taken.by.iter().all(|way| earlier.way(way).is_some());
        return want(known, &key("taken.by"), "these must be outcomes of that step");
    }
    let mut units = BTreeMap::new();
    for (part, path) in
        guard.sum.iter().map(|path| ("sum", path)).chain(guard.at_most.iter().map(|path| ("at_most", path)))
    {
        let Some((of, field)) = procedure.field(path) else {
            return want(false, &key(part), &format!("there is no field {path:?}"));
        };
        want(field.kind.is_money(), &key(part), &format!("{path} is neither money nor shares"))?;
        let sure = of == place || (of < place && !procedure.steps[of].optional);
        want(
            sure,
            &key(part),
            &format!("{path} must be of this step, or of one before that is always taken"),
        )?;
        want(!field.optional, &key(part), &format!("{path} may be empty"))?;
        let unit = field.unit.as_ref().map(|unit| unit.zh.as_str());
        units.insert(unit.unwrap_or_default(), path);
    }
    want(units.len() == 1, &key("sum"), "all these fields must have the same unit")
}

fn check_review(definition: &Definition, step: &Step, key: &dyn Fn(&str) -> String) -> Checked {
    want(step.actor == Actor::Chair, &key("actor"), "the chair runs a review")?;
    want(step.fields.is_empty(), &key("fields"), "in a review nothing is brought")?;
    want(step.guards.is_empty(), &key("guards"), "a review goes by grades alone")?;
    for band in &definition.bands {
        let ways = step.outcomes.iter().filter(|way| way.grades.contains(&band.grade)).count();
        let detail = format!("grade {} must have exactly one outcome", band.grade);
        want(ways == 1, &key("outcomes.grades"), &detail)?;
    }
    for way in &step.outcomes {
        let key = key(&format!("outcomes.{}.grades", way.code));
        let known = |grade: &String| definition.bands.iter().any(|band| band.grade == *grade);
        let fits = !way.grades.is_empty() && way.grades.iter().all(known);
        want(fits, &key, "name grades of the scheme")?;
    }
    Ok(())
}

fn check_ends(procedure: &Procedure) -> Checked {
    want(!procedure.ends.is_empty(), "procedure.ends", "a procedure has at least one end")?;
    for end in &procedure.ends {
        let key = |part: &str| format!("procedure.ends.{}.{part}", end.code);
        want(said(&end.name), &key("name"), "give the name in both languages")?;
        for consequence in &end.consequences {
            let fits = word(&consequence.code) && said(&consequence.text);
            want(fits, &key("consequences"), "every consequence has a code and a text in both languages")?;
        }
    }
    Ok(())
}

/// Every step and end can be reached, and from every step some end can.
fn check_reach(procedure: &Procedure) -> Checked {
    let mut reached: BTreeSet<&str> = procedure.first().map(|step| step.code.as_str()).into_iter().collect();
    let mut ending: BTreeSet<&str> = procedure.ends.iter().map(|end| end.code.as_str()).collect();
    for _ in &procedure.steps {
        for step in &procedure.steps {
            if reached.contains(step.code.as_str()) {
                reached.extend(step.outcomes.iter().map(|way| way.to.as_str()));
            }
            if step.outcomes.iter().any(|way| ending.contains(way.to.as_str())) {
                ending.insert(&step.code);
            }
        }
    }
    for step in &procedure.steps {
        let key = format!("procedure.steps.{}.code", step.code);
        want(reached.contains(step.code.as_str()), &key, "nothing leads to this step")?;
        want(ending.contains(step.code.as_str()), &key, "no end can be reached from this step")?;
    }
    for end in &procedure.ends {
        let key = format!("procedure.ends.{}.code", end.code);
        want(reached.contains(end.code.as_str()), &key, "nothing leads to this end")?;
    }
    Ok(())
}

/// Numbers that give points are brought, always, before the review.
fn check_quantities(definition: &Definition, procedure: Option<&Procedure>) -> Checked {
    for element in &definition.elements {
        for criterion in &element.criteria {
            let Some(quantity) = &criterion.quantity else { continue };
            let key = format!("elements.{}.criteria.{}.quantity.field", element.code, criterion.code);
            let found = procedure.and_then(|known| Some((known, known.field(&quantity.field)?)));
            let Some((known, (place, field))) = found else {
                return want(false, &key, &format!("the procedure has no field {:?}", quantity.field));
            };
            want(field.kind == FieldKind::Number, &key, "points follow from a number")?;
            want(!field.optional, &key, "the number must be required")?;
            let before = known.steps.iter().position(|step| step.review).is_some_and(|review| place < review);
            let sure = before && !known.steps[place].optional;
            want(sure, &key, "the number must be brought in a step before the review that is always taken")?;
        }
    }
    Ok(())
}
