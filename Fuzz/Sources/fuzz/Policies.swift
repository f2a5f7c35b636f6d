import Admission
import OmphalosValues
import Signatures

func fuzzPolicy(_ input: [UInt8]) {
  do throws(ConfigurationError) {
    let policy = try Policy.parse(input, file: "fuzz.yaml", layer: .run) { (name, _) throws(ConfigurationError) in
      AllowedSigners(Array(name.utf8), file: name)
    }
    for rule in policy.rules {
      promise(!rule.reason.isEmpty, "a rule without a reason was accepted")
      promisePrintable(rule.conditionText, of: "the conditions of a rule")
    }
    promiseCanonical(policy.json)
  } catch {
    promisePlace(error, in: input)
  }
}

/// What is read is written and read again as the same.
func fuzzLock(_ input: [UInt8]) {
  do throws(ConfigurationError) {
    let lock = try PluginLock.parse(input, file: "fuzz.lock")
    promise(lock.drift(to: lock.plugins).isEmpty, "a lock differs from its own plugins")
    do throws(ConfigurationError) {
      promise(try PluginLock.parse(Array(lock.text.utf8), file: "again.lock") == lock, "written and read, the lock is another")
    } catch {
      promise(false, "what the lock writes cannot be read: \(error)")
    }
  } catch {
    promisePlace(error, in: input)
  }
}
