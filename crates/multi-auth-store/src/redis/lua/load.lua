return answer('loaded')
